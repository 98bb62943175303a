"""The protocols that components fill.

`materializer` (values to files and back), `artifact_store` (files under digests), `metadata_store`
(records), `orchestrator` (where steps execute), `step_job` (what an orchestrator is handed).
"""
