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
INSERT INTO "artifacts" VALUES('01a2099d-612a-77a5-aee8-0bc6d285c321','blake3:e7d727ed28f548cdf3f94028344824767f979f182c4d167e536aba59a5dddceb',36,'whence.domain.artifacts.DataArtifact','data','json/1','int','result','01a2099d-612a-730a-a8f9-1b22a4a42c6b','01a2099d-612a-7561-9554-7f061d0a9947',1772368215123457);
INSERT INTO "artifacts" VALUES('01a2099d-612a-784e-b163-3eebb508ad04','blake3:a4d1c0a311ac9b45bb3184178038ab077e75b980d3af6250d2d7291ed9501570',36,'whence.domain.artifacts.DataArtifact','data','json/1','int','result','01a2099d-612a-730a-a8f9-1b22a4a42c6b','01a2099d-612a-75a3-bdba-c378bfc521e4',1772368215123457);
CREATE TABLE cache_entries (
	"key" TEXT NOT NULL, 
	step_run_id TEXT NOT NULL, 
	step TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
)
 WITHOUT ROWID

;
INSERT INTO "cache_entries" VALUES('key-a','01a2099d-612a-7561-9554-7f061d0a9947','fit',1772368215373457);
INSERT INTO "cache_entries" VALUES('key-b','01a2099d-612a-75a3-bdba-c378bfc521e4','fit',1772368215373457);
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
CREATE TABLE contents (
	digest TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	files TEXT NOT NULL, 
	inline BLOB, 
	PRIMARY KEY (digest)
);
INSERT INTO "contents" VALUES('blake3:e7d727ed28f548cdf3f94028344824767f979f182c4d167e536aba59a5dddceb',36,'[["value.json",36,"e304aa5e4986b5194e528e877e88478a236f204a9e713473ae5d503117fce3c1"]]',X'30316132303939642D363132612D373536312D393535342D376630363164306139393437');
INSERT INTO "contents" VALUES('blake3:a4d1c0a311ac9b45bb3184178038ab077e75b980d3af6250d2d7291ed9501570',36,'[["value.json",36,"bedb0bf4d1c02bc5daca4b95af08108b35ca8a32397cdbf3dea79ead9c4671c0"]]',X'30316132303939642D363132612D373561332D626462612D633337386266633532316534');
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
INSERT INTO "metrics" VALUES('01a2099d-612a-75a3-bdba-c378bfc521e4',0,'loss',0.5,0,NULL,1772368215123457);
INSERT INTO "metrics" VALUES('01a2099d-612a-75a3-bdba-c378bfc521e4',1,'loss',0.25,1,NULL,1772368215123458);
INSERT INTO "metrics" VALUES('01a2099d-612a-75a3-bdba-c378bfc521e4',2,'rmse',3.5,NULL,'min',1772368215123459);
CREATE TABLE run_tags (
	tag TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (tag, run_id), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
)
 WITHOUT ROWID

;
INSERT INTO "run_tags" VALUES('nightly','01a2099d-612a-730a-a8f9-1b22a4a42c6b');
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
	resumes TEXT, 
	owner TEXT, 
	origin TEXT, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "runs" VALUES('01a2099d-612a-730a-a8f9-1b22a4a42c6b','delays',NULL,'completed',1772368215123457,1772368215123457,1.0,'{"seed":"1"}','["nightly"]',NULL,NULL,'{"python":"3.11"}',NULL,'{"host":"ada","process":4711,"boot":"a boot"}',NULL);
CREATE TABLE schema_version (
	version INTEGER NOT NULL
);
INSERT INTO "schema_version" VALUES(4);
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
	parent TEXT, 
	attempts TEXT, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "step_runs" VALUES('01a2099d-612a-7561-9554-7f061d0a9947','01a2099d-612a-730a-a8f9-1b22a4a42c6b','fit_0','fit',0,'completed',0,1772368215123457,0.25,'{"k":"1"}','[]',NULL,'{}',NULL,'[]','["01a2099d-612a-77a5-aee8-0bc6d285c321"]','[]','key-a',NULL,NULL,1,NULL,NULL);
INSERT INTO "step_runs" VALUES('01a2099d-612a-75a3-bdba-c378bfc521e4','01a2099d-612a-730a-a8f9-1b22a4a42c6b','fit_1','fit',1,'completed',0,1772368215123457,0.25,'{"k":"1"}','["fit_0"]',NULL,'{}',NULL,'[]','["01a2099d-612a-784e-b163-3eebb508ad04"]','[]','key-b',NULL,NULL,1,NULL,NULL);
CREATE INDEX cache_entries_by_step ON cache_entries (step, created_at);
CREATE INDEX runs_by_name ON runs (name, id);
CREATE INDEX runs_by_pipeline ON runs (pipeline, id);
CREATE INDEX runs_by_status ON runs (status, id);
CREATE INDEX step_runs_by_run ON step_runs (run_id, position);
CREATE INDEX step_runs_by_step ON step_runs (step, id) WHERE cache_key IS NOT NULL;
CREATE INDEX step_runs_computed ON step_runs (step, id) WHERE status = 'completed' AND cached = 0;
CREATE INDEX artifacts_by_run ON artifacts (run_id, id);
CREATE TRIGGER consumers_of_new AFTER INSERT ON step_runs WHEN NEW.inputs <> '[]' AND NEW.cached = 0 BEGIN 
    INSERT OR IGNORE INTO consumers SELECT value ->> 2, NEW.id FROM json_each(NEW.inputs);
 END;
CREATE TRIGGER consumers_of_finished AFTER UPDATE OF inputs ON step_runs WHEN NEW.inputs <> '[]' AND NEW.cached = 0 BEGIN 
    INSERT OR IGNORE INTO consumers SELECT value ->> 2, NEW.id FROM json_each(NEW.inputs);
 END;
CREATE TRIGGER cache_entries_of_new AFTER INSERT ON step_runs WHEN NEW.reusable = 1 AND NEW.cache_key IS NOT NULL BEGIN 
    INSERT INTO cache_entries (key, step_run_id, step, created_at)
    VALUES (NEW.cache_key, NEW.id, NEW.step, coalesce(NEW.started_at + CAST(coalesce(NEW.duration, 0) * 1e6 AS INTEGER), CAST((julianday('now') - 2440587.5) * 86400e6 AS INTEGER)))
    ON CONFLICT (key) DO UPDATE SET
        step_run_id = excluded.step_run_id, step = excluded.step, created_at = excluded.created_at
    WHERE (excluded.created_at, excluded.step_run_id) > (created_at, step_run_id)
        OR created_at > CAST((julianday('now') - 2440587.5) * 86400e6 AS INTEGER) + 60000000;
 END;
CREATE TRIGGER cache_entries_of_finished AFTER UPDATE OF reusable ON step_runs WHEN NEW.reusable = 1 AND NEW.cache_key IS NOT NULL BEGIN 
    INSERT INTO cache_entries (key, step_run_id, step, created_at)
    VALUES (NEW.cache_key, NEW.id, NEW.step, coalesce(NEW.started_at + CAST(coalesce(NEW.duration, 0) * 1e6 AS INTEGER), CAST((julianday('now') - 2440587.5) * 86400e6 AS INTEGER)))
    ON CONFLICT (key) DO UPDATE SET
        step_run_id = excluded.step_run_id, step = excluded.step, created_at = excluded.created_at
    WHERE (excluded.created_at, excluded.step_run_id) > (created_at, step_run_id)
        OR created_at > CAST((julianday('now') - 2440587.5) * 86400e6 AS INTEGER) + 60000000;
 END;
COMMIT;
