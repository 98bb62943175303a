BEGIN TRANSACTION;
CREATE TABLE acceptances (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	old TEXT NOT NULL, 
	new TEXT NOT NULL, 
	who TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	withdrawn_at BIGINT, 
	withdrawn_by TEXT, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "acceptances" VALUES('acc-1','function','features.scale','blake3:00','blake3:01','ada','only renamed',1772368215123457,NULL,NULL);
CREATE TABLE artifacts (
	id TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	type TEXT NOT NULL, 
	family TEXT NOT NULL, 
	format TEXT, 
	value_type TEXT, 
	name TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	step_run_id TEXT, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(digest) REFERENCES contents (digest)
)
 WITHOUT ROWID

;
INSERT INTO "artifacts" VALUES('01a208bf-fac1-7c93-812c-dc1dbf2c202b','blake3:226bd4a80db397d3dc6ab3f98a61f081dcb2d7e11413d851e537a3c129370ff3',36,'whence.domain.artifacts.DataArtifact','data','json/1','int','result','01a208bf-fac1-7912-b499-76fb4a1adedf','01a208bf-fac1-7a6b-87ca-26961a60fcb8',1772368215123457);
INSERT INTO "artifacts" VALUES('01a208bf-fac1-7d4f-a4a5-562625450345','blake3:70cb1ec242781517966cc71765ee06ee3759c4579e3f4ac470c242a88f3f99e1',36,'whence.domain.artifacts.DataArtifact','data','json/1','int','result','01a208bf-fac1-7912-b499-76fb4a1adedf','01a208bf-fac1-7aa1-b33a-7f1f90fa427a',1772368215123457);
CREATE TABLE cache_entries (
	"key" TEXT NOT NULL, 
	step_run_id TEXT NOT NULL, 
	step TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
)
 WITHOUT ROWID

;
INSERT INTO "cache_entries" VALUES('key-a','01a208bf-fac1-7a6b-87ca-26961a60fcb8','fit',1772368215373457);
INSERT INTO "cache_entries" VALUES('key-b','01a208bf-fac1-7aa1-b33a-7f1f90fa427a','fit',1772368215373457);
CREATE TABLE cache_keys (
	"key" TEXT NOT NULL, 
	parts TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "cache_keys" VALUES('key-a','{}');
INSERT INTO "cache_keys" VALUES('key-b','{}');
CREATE TABLE code_texts (
	digest TEXT NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE consumers (
	artifact_id TEXT NOT NULL, 
	step_run_id TEXT NOT NULL, 
	PRIMARY KEY (artifact_id, step_run_id)
)
 WITHOUT ROWID

;
INSERT INTO "consumers" VALUES('01a208bf-fac1-7c93-812c-dc1dbf2c202b','01a208bf-fac1-7aa1-b33a-7f1f90fa427a');
CREATE TABLE contents (
	digest TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	files TEXT NOT NULL, 
	inline BLOB, 
	PRIMARY KEY (digest)
);
INSERT INTO "contents" VALUES('blake3:226bd4a80db397d3dc6ab3f98a61f081dcb2d7e11413d851e537a3c129370ff3',36,'[["value.json",36,"16b2ac4d985f97638c3cb30e86f1d655c9f46b3d7fb4ff9d97cc3cc1047f9104"]]',X'30316132303862662D666163312D376136622D383763612D323639363161363066636238');
INSERT INTO "contents" VALUES('blake3:70cb1ec242781517966cc71765ee06ee3759c4579e3f4ac470c242a88f3f99e1',36,'[["value.json",36,"5c57958cb2316ca6da47842f91b6e82fc902bd61bfb6892d72d8fc8e72e93d50"]]',X'30316132303862662D666163312D376161312D623333612D376631663930666134323761');
CREATE TABLE metrics (
	step_run_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	value FLOAT, 
	step BIGINT, 
	mode TEXT, 
	reported_at BIGINT NOT NULL, 
	PRIMARY KEY (step_run_id, position), 
	FOREIGN KEY(step_run_id) REFERENCES step_runs (id)
)
 WITHOUT ROWID

;
INSERT INTO "metrics" VALUES('01a208bf-fac1-7aa1-b33a-7f1f90fa427a',0,'rmse',3.5,NULL,'min',1772368215123457);
CREATE TABLE run_tags (
	tag TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (tag, run_id), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
)
 WITHOUT ROWID

;
INSERT INTO "run_tags" VALUES('nightly','01a208bf-fac1-7912-b499-76fb4a1adedf');
INSERT INTO "run_tags" VALUES('nightly','01a208bf-fb9c-72e3-8690-e9ac0c244a20');
CREATE TABLE runs (
	id TEXT NOT NULL, 
	pipeline TEXT NOT NULL, 
	name TEXT, 
	status TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	duration FLOAT, 
	parameters TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	outputs TEXT, 
	error TEXT, 
	environment TEXT NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "runs" VALUES('01a208bf-fac1-7912-b499-76fb4a1adedf','delays',NULL,'completed',1772368215123457,1772368216123457,1.0,'{"seed":"1"}','["nightly"]',NULL,NULL,'{"python":"3.11"}');
INSERT INTO "runs" VALUES('01a208bf-fb9c-72e3-8690-e9ac0c244a20','delays',NULL,'running',1772368215123457,NULL,NULL,'{"seed":"1"}','["nightly"]',NULL,NULL,'{"python":"3.11"}');
CREATE TABLE schema_version (
	version INTEGER NOT NULL
);
INSERT INTO "schema_version" VALUES(2);
CREATE TABLE step_runs (
	id TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	node TEXT NOT NULL, 
	step TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	cached INTEGER NOT NULL, 
	started_at BIGINT, 
	duration FLOAT, 
	parameters TEXT NOT NULL, 
	depends_on TEXT NOT NULL, 
	error TEXT, 
	metadata TEXT NOT NULL, 
	log_digest TEXT, 
	inputs TEXT, 
	outputs TEXT, 
	extras TEXT, 
	cache_key TEXT, 
	reused_from TEXT, 
	not_reused TEXT, 
	reusable INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
)
 WITHOUT ROWID

;
INSERT INTO "step_runs" VALUES('01a208bf-fac1-7a6b-87ca-26961a60fcb8','01a208bf-fac1-7912-b499-76fb4a1adedf','fit_0','fit',0,'completed',0,1772368215123457,0.25,'{"k":"1"}','[]',NULL,'{}',NULL,'[]','["01a208bf-fac1-7c93-812c-dc1dbf2c202b"]','[]','key-a',NULL,NULL,1);
INSERT INTO "step_runs" VALUES('01a208bf-fac1-7aa1-b33a-7f1f90fa427a','01a208bf-fac1-7912-b499-76fb4a1adedf','fit_1','fit',1,'completed',0,1772368215123457,0.25,'{"k":"1"}','["fit_0"]',NULL,'{}',NULL,'[["x0","","01a208bf-fac1-7c93-812c-dc1dbf2c202b"]]','["01a208bf-fac1-7d4f-a4a5-562625450345"]','[]','key-b',NULL,NULL,1);
INSERT INTO "step_runs" VALUES('01a208bf-fb9c-7347-9d72-492854bc7ff4','01a208bf-fb9c-72e3-8690-e9ac0c244a20','fit_0','fit',0,'completed',1,1772368215123457,0.0,'{}','[]',NULL,'{}',NULL,'[]','["01a208bf-fac1-7c93-812c-dc1dbf2c202b"]','[]','key-a','01a208bf-fac1-7a6b-87ca-26961a60fcb8',NULL,0);
INSERT INTO "step_runs" VALUES('01a208bf-fb9c-73cb-bc00-7b6898b43331','01a208bf-fb9c-72e3-8690-e9ac0c244a20','fit_1','fit',1,'running',0,1772368215123457,NULL,'{}','["fit_0"]',NULL,'{}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE INDEX cache_entries_by_step ON cache_entries (step, created_at);
CREATE INDEX runs_by_name ON runs (name, id);
CREATE INDEX runs_by_pipeline ON runs (pipeline, id);
CREATE INDEX runs_by_status ON runs (status, id);
CREATE INDEX artifacts_by_run ON artifacts (run_id, id);
CREATE INDEX step_runs_by_run ON step_runs (run_id, position);
CREATE INDEX step_runs_by_step ON step_runs (step, id) WHERE cache_key IS NOT NULL;
CREATE INDEX step_runs_computed ON step_runs (step, id) WHERE status = 'completed' AND cached = 0;
CREATE TRIGGER consumers_of_new AFTER INSERT ON step_runs WHEN NEW.inputs <> '[]' BEGIN 
    INSERT OR IGNORE INTO consumers SELECT value ->> 2, NEW.id FROM json_each(NEW.inputs);
 END;
CREATE TRIGGER consumers_of_finished AFTER UPDATE OF inputs ON step_runs WHEN NEW.inputs <> '[]' BEGIN 
    INSERT OR IGNORE INTO consumers SELECT value ->> 2, NEW.id FROM json_each(NEW.inputs);
 END;
CREATE TRIGGER cache_entries_of_new AFTER INSERT ON step_runs WHEN NEW.reusable = 1 AND NEW.cache_key IS NOT NULL BEGIN 
    INSERT INTO cache_entries (key, step_run_id, step, created_at)
    VALUES (NEW.cache_key, NEW.id, NEW.step, coalesce(NEW.started_at + CAST(coalesce(NEW.duration, 0) * 1e6 AS INTEGER), CAST((julianday('now') - 2440587.5) * 86400e6 AS INTEGER)))
    ON CONFLICT (key) DO UPDATE SET
        step_run_id = excluded.step_run_id, step = excluded.step, created_at = excluded.created_at
    WHERE (excluded.created_at, excluded.step_run_id) > (created_at, step_run_id);
 END;
CREATE TRIGGER cache_entries_of_finished AFTER UPDATE OF reusable ON step_runs WHEN NEW.reusable = 1 AND NEW.cache_key IS NOT NULL BEGIN 
    INSERT INTO cache_entries (key, step_run_id, step, created_at)
    VALUES (NEW.cache_key, NEW.id, NEW.step, coalesce(NEW.started_at + CAST(coalesce(NEW.duration, 0) * 1e6 AS INTEGER), CAST((julianday('now') - 2440587.5) * 86400e6 AS INTEGER)))
    ON CONFLICT (key) DO UPDATE SET
        step_run_id = excluded.step_run_id, step = excluded.step, created_at = excluded.created_at
    WHERE (excluded.created_at, excluded.step_run_id) > (created_at, step_run_id);
 END;
COMMIT;
