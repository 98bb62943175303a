BEGIN TRANSACTION;
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
INSERT INTO "artifacts" VALUES('01a20860-be8e-722f-9d2a-335e90a2df9c','blake3:2bcd98b377225ae2a2b4d51260f633f45b6f0bddfc6b7ce6bff7aff142b1028a',36,'whence.domain.artifacts.DataArtifact','data','json/1','int','result','01a20860-be89-7d42-9c0f-1689f0449063','01a20860-be89-7e91-9f8e-dc75854d380c',1772368215123457);
INSERT INTO "artifacts" VALUES('01a20860-be8e-7370-9147-2b95d2c55ff7','blake3:9292afe464eade37670277aa187f9174e4fff0951273bf16efdb64db0c9cfa87',36,'whence.domain.artifacts.DataArtifact','data','json/1','int','result','01a20860-be89-7d42-9c0f-1689f0449063','01a20860-be89-7ec2-be81-3d75a6cbbb56',1772368215123457);
INSERT INTO "artifacts" VALUES('01a20860-be8e-73e7-81ad-b55c35991f1f','blake3:151a936862a7a641c5c0b9859ea322493820a88b4d5b70d91547a0ccadb1dfc6',1,'whence.domain.artifacts.DataArtifact','data','json/1','int','size','01a20860-be89-7d42-9c0f-1689f0449063',NULL,1772368215123457);
CREATE TABLE consumers (
	artifact_id TEXT NOT NULL, 
	step_run_id TEXT NOT NULL, 
	PRIMARY KEY (artifact_id, step_run_id)
)
 WITHOUT ROWID

;
INSERT INTO "consumers" VALUES('01a20860-be8e-722f-9d2a-335e90a2df9c','01a20860-be89-7ec2-be81-3d75a6cbbb56');
CREATE TABLE contents (
	digest TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	files TEXT NOT NULL, 
	inline BLOB, 
	PRIMARY KEY (digest)
);
INSERT INTO "contents" VALUES('blake3:151a936862a7a641c5c0b9859ea322493820a88b4d5b70d91547a0ccadb1dfc6',1,'[["value.json",1,"22f36339ae3058eeaf19a52949cfb9eb0a6bf4c21c05b6191ae4a19c8a93de4b"]]',X'37');
INSERT INTO "contents" VALUES('blake3:2bcd98b377225ae2a2b4d51260f633f45b6f0bddfc6b7ce6bff7aff142b1028a',36,'[["value.json",36,"760383f740deb095a96f35f400332d944fdee5fd47b89cab539ea2febc91fff1"]]',X'30316132303836302D626538392D376539312D396638652D646337353835346433383063');
INSERT INTO "contents" VALUES('blake3:9292afe464eade37670277aa187f9174e4fff0951273bf16efdb64db0c9cfa87',36,'[["value.json",36,"c2001a0cfca93dd013410c7f7ae416929c9e48d47c7051a045e99a200058cee1"]]',X'30316132303836302D626538392D376563322D626538312D336437356136636262623536');
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
INSERT INTO "metrics" VALUES('01a20860-be89-7ec2-be81-3d75a6cbbb56',0,'rmse',3.5,NULL,'min',1772368215123457);
CREATE TABLE run_tags (
	tag TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (tag, run_id), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
)
 WITHOUT ROWID

;
INSERT INTO "run_tags" VALUES('nightly','01a20860-be89-7d42-9c0f-1689f0449063');
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
INSERT INTO "runs" VALUES('01a20860-be89-7d42-9c0f-1689f0449063','delays',NULL,'completed',1772368215123457,1772368216123457,1.0,'{"seed":"1"}','["nightly"]',NULL,NULL,'{"python":"3.11"}');
CREATE TABLE schema_version (
	version INTEGER NOT NULL
);
INSERT INTO "schema_version" VALUES(1);
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
	PRIMARY KEY (id), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
)
 WITHOUT ROWID

;
INSERT INTO "step_runs" VALUES('01a20860-be89-7e91-9f8e-dc75854d380c','01a20860-be89-7d42-9c0f-1689f0449063','fit_0','fit',0,'completed',0,1772368215123457,0.25,'{"k":"1"}','[]',NULL,'{}',NULL,'[]','["01a20860-be8e-722f-9d2a-335e90a2df9c"]','[]');
INSERT INTO "step_runs" VALUES('01a20860-be89-7ec2-be81-3d75a6cbbb56','01a20860-be89-7d42-9c0f-1689f0449063','fit_1','fit',1,'completed',0,1772368215123457,0.25,'{"k":"1"}','["fit_0"]',NULL,'{}',NULL,'[["x0","","01a20860-be8e-722f-9d2a-335e90a2df9c"]]','["01a20860-be8e-7370-9147-2b95d2c55ff7"]','[]');
CREATE INDEX runs_by_status ON runs (status, id);
CREATE INDEX runs_by_name ON runs (name, id);
CREATE INDEX runs_by_pipeline ON runs (pipeline, id);
CREATE INDEX step_runs_by_run ON step_runs (run_id, position);
CREATE TRIGGER consumers_of_new AFTER INSERT ON step_runs WHEN NEW.inputs <> '[]' BEGIN INSERT OR IGNORE INTO consumers SELECT value ->> 2, NEW.id FROM json_each(NEW.inputs); END;
CREATE TRIGGER consumers_of_finished AFTER UPDATE OF inputs ON step_runs WHEN NEW.inputs <> '[]' BEGIN INSERT OR IGNORE INTO consumers SELECT value ->> 2, NEW.id FROM json_each(NEW.inputs); END;
CREATE INDEX artifacts_by_run ON artifacts (run_id, id);
COMMIT;
