BEGIN TRANSACTION;
CREATE TABLE account (
    name       TEXT PRIMARY KEY,
    role       TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    password   TEXT NOT NULL,                  -- Argon2id, PHC string
    created_at TEXT NOT NULL,
    removed_at TEXT
);
CREATE TABLE attempt (
    notice  INTEGER NOT NULL REFERENCES notice (id),
    number  INTEGER NOT NULL,
    at      TEXT NOT NULL,
    outcome TEXT NOT NULL,                     -- sent, partly sent, retry, failed
    detail  TEXT NOT NULL,                     -- the server's words
    PRIMARY KEY (notice, number)
);
INSERT INTO "attempt" VALUES(1,1,'2026-08-17T01:00:00Z','sent','put into mail/new/duban.d609e43c70187638411e3ee5@x.example.094d8e9b7d7e.duban');
INSERT INTO "attempt" VALUES(2,1,'2026-08-18T01:00:00Z','sent','put into mail/new/duban.f675191a6292776c9ebb6e36@x.example.6a9035be5d41.duban');
INSERT INTO "attempt" VALUES(3,1,'2026-08-21T01:00:00Z','sent','put into mail/new/duban.c6346c98f8809dd58cd67d7d@x.example.5024e7cfe0ec.duban');
INSERT INTO "attempt" VALUES(4,1,'2026-08-24T01:00:00Z','sent','put into mail/new/duban.a34b79c5858b5ba01cdede1a@x.example.e858c06a9e52.duban');
INSERT INTO "attempt" VALUES(5,1,'2026-09-01T01:00:00Z','sent','put into mail/new/duban.1b5f69eef5f9c3b0d12a08e9@x.example.c7f463151c21.duban');
INSERT INTO "attempt" VALUES(6,1,'2026-09-01T01:00:00Z','sent','put into mail/new/duban.98cfefaf3534d9b18ada98d9@x.example.b6b98eb97c17.duban');
INSERT INTO "attempt" VALUES(7,1,'2026-09-01T01:00:00Z','sent','put into mail/new/duban.8b50d44bdc6bd2ecd60d78c5@x.example.6e8ca6851f61.duban');
INSERT INTO "attempt" VALUES(8,1,'2026-09-08T01:00:00Z','sent','put into mail/new/duban.335594990f7d4842210272b9@x.example.e7bcc14ce734.duban');
INSERT INTO "attempt" VALUES(9,1,'2026-09-08T01:00:00Z','sent','put into mail/new/duban.b8639ff7352293655c2be48f@x.example.c3c0ab31f1e3.duban');
INSERT INTO "attempt" VALUES(10,1,'2026-09-08T01:00:00Z','sent','put into mail/new/duban.2221349cfc2295703afa801c@x.example.117813728cb7.duban');
INSERT INTO "attempt" VALUES(11,1,'2026-09-15T01:00:00Z','sent','put into mail/new/duban.61496e1b6f3d425299f63cb4@x.example.e9468f8c11ca.duban');
INSERT INTO "attempt" VALUES(12,1,'2026-09-15T01:00:00Z','sent','put into mail/new/duban.46daf2bf444cc0d728e2fcdc@x.example.a69bb9cc8653.duban');
INSERT INTO "attempt" VALUES(13,1,'2026-09-15T01:00:00Z','sent','put into mail/new/duban.b1805d2904551981cdd80c3a@x.example.69b623aee45d.duban');
INSERT INTO "attempt" VALUES(14,1,'2026-09-22T01:00:00Z','sent','put into mail/new/duban.6047797a58423622c3cf8592@x.example.1b4a3113680d.duban');
INSERT INTO "attempt" VALUES(15,1,'2026-09-22T01:00:00Z','sent','put into mail/new/duban.1c2ff7a31bca548861c7b734@x.example.db81b95c5e7d.duban');
INSERT INTO "attempt" VALUES(16,1,'2026-09-22T01:00:00Z','sent','put into mail/new/duban.81a60fea00beb7cff581af4f@x.example.1b06621cdb9f.duban');
INSERT INTO "attempt" VALUES(17,1,'2026-09-29T01:00:00Z','sent','put into mail/new/duban.36610a9b88e3db6b750d5267@x.example.ec19ba0d11ba.duban');
INSERT INTO "attempt" VALUES(18,1,'2026-09-29T01:00:00Z','sent','put into mail/new/duban.1517c9a492238fcda6c09086@x.example.8b1789a18db7.duban');
INSERT INTO "attempt" VALUES(19,1,'2026-09-29T01:00:00Z','sent','put into mail/new/duban.57afe4cb3905febcf24f4682@x.example.7fda5aaa18bd.duban');
INSERT INTO "attempt" VALUES(20,1,'2026-10-08T01:00:00Z','sent','put into mail/new/duban.24309e5cb1081630a78350ed@x.example.da005c5eff26.duban');
INSERT INTO "attempt" VALUES(21,1,'2026-10-08T01:00:00Z','sent','put into mail/new/duban.b89112f45a13610666d5a976@x.example.7f4b14b96146.duban');
INSERT INTO "attempt" VALUES(22,1,'2026-10-08T01:00:00Z','sent','put into mail/new/duban.dc0c31975ef4c55122cf9550@x.example.50057678b127.duban');
INSERT INTO "attempt" VALUES(23,1,'2026-10-09T01:00:00Z','sent','put into mail/new/duban.d68baca8acbb47942366b8a1@x.example.7b04bda2f784.duban');
INSERT INTO "attempt" VALUES(24,1,'2026-10-09T01:00:00Z','sent','put into mail/new/duban.362979070760b8f9081f47c3@x.example.292a56233a50.duban');
INSERT INTO "attempt" VALUES(25,1,'2026-10-09T01:00:00Z','sent','put into mail/new/duban.47f19b7b90921cef12e4a1e3@x.example.169362dde1ed.duban');
INSERT INTO "attempt" VALUES(26,1,'2026-10-12T01:00:00Z','sent','put into mail/new/duban.cd2af40255d1316d11e6eea3@x.example.f085071762ba.duban');
INSERT INTO "attempt" VALUES(27,1,'2026-10-12T01:00:00Z','sent','put into mail/new/duban.3880e9d1ba5ad23402dc3ce5@x.example.5e229e846e95.duban');
INSERT INTO "attempt" VALUES(28,1,'2026-10-12T01:00:00Z','sent','put into mail/new/duban.0b2e87dafdbd7e4b52f2e46f@x.example.72060e831264.duban');
INSERT INTO "attempt" VALUES(29,1,'2026-10-20T01:00:00Z','sent','put into mail/new/duban.7cfc766685a49d43261b4d8b@x.example.194165ccd782.duban');
INSERT INTO "attempt" VALUES(30,1,'2026-10-20T01:00:00Z','sent','put into mail/new/duban.f1888a51ab8cad313b5ee9b7@x.example.ac240005c42d.duban');
INSERT INTO "attempt" VALUES(31,1,'2026-10-20T01:00:00Z','sent','put into mail/new/duban.eac4f88e7e25e3a50420853b@x.example.b9d0300d1422.duban');
INSERT INTO "attempt" VALUES(32,1,'2026-10-21T01:00:00Z','sent','put into mail/new/duban.8d29732462abbb24f11ac0e6@x.example.d388011428e1.duban');
INSERT INTO "attempt" VALUES(33,1,'2026-10-21T01:00:00Z','sent','put into mail/new/duban.faeb37a1e6cd6b22f9f0fd6e@x.example.11c35ec7a818.duban');
INSERT INTO "attempt" VALUES(34,1,'2026-10-21T01:00:00Z','sent','put into mail/new/duban.1c632ae99251ef211068c365@x.example.7691c6af266d.duban');
INSERT INTO "attempt" VALUES(35,1,'2026-10-22T01:00:00Z','sent','put into mail/new/duban.7141d732579ba244865c91cd@x.example.efc028edc235.duban');
INSERT INTO "attempt" VALUES(36,1,'2026-10-22T01:00:00Z','sent','put into mail/new/duban.f99da9fc08f08ec0994af7dd@x.example.6636d7782e66.duban');
INSERT INTO "attempt" VALUES(37,1,'2026-10-22T01:00:00Z','sent','put into mail/new/duban.bc7b4292a04bac8a3a287c05@x.example.e3714c5622be.duban');
INSERT INTO "attempt" VALUES(38,1,'2026-11-02T01:00:00Z','sent','put into mail/new/duban.f141b0a095c25bbd2f369f4c@x.example.688be7fd594c.duban');
INSERT INTO "attempt" VALUES(39,1,'2026-11-02T01:00:00Z','sent','put into mail/new/duban.7264ad8d0bdeea305a418a4f@x.example.1eeccf4cc41b.duban');
INSERT INTO "attempt" VALUES(40,1,'2026-11-02T01:00:00Z','sent','put into mail/new/duban.5b5da45cea40e693e2c36270@x.example.027236aac3ad.duban');
INSERT INTO "attempt" VALUES(41,1,'2026-11-09T01:00:00Z','sent','put into mail/new/duban.d1ff232cae76d3659cc65209@x.example.577fcf8a94b8.duban');
INSERT INTO "attempt" VALUES(42,1,'2026-11-09T01:00:00Z','sent','put into mail/new/duban.222486dd297108c962dc5f97@x.example.15d6c76fbe16.duban');
INSERT INTO "attempt" VALUES(43,1,'2026-11-09T01:00:00Z','sent','put into mail/new/duban.d4b86a88529d5f4fd975e1d7@x.example.70ec36363976.duban');
INSERT INTO "attempt" VALUES(44,1,'2026-11-16T01:00:00Z','sent','put into mail/new/duban.2ca0201cd06e3cca9fa048fb@x.example.9e41626c95d3.duban');
INSERT INTO "attempt" VALUES(45,1,'2026-11-16T01:00:00Z','sent','put into mail/new/duban.4cd6bec78b35509f9682c8ed@x.example.5d94d3b01d6e.duban');
INSERT INTO "attempt" VALUES(46,1,'2026-11-16T01:00:00Z','sent','put into mail/new/duban.fba0df3397ec17e5a6604190@x.example.fb5bb5ec70e4.duban');
INSERT INTO "attempt" VALUES(47,1,'2026-11-20T01:00:00Z','sent','put into mail/new/duban.bcb0cd2071002ceeda596dff@x.example.453e947279dc.duban');
INSERT INTO "attempt" VALUES(48,1,'2026-11-20T01:00:00Z','sent','put into mail/new/duban.12d352d663f26b5bfdbbba71@x.example.1c69f081633c.duban');
INSERT INTO "attempt" VALUES(49,1,'2026-11-20T01:00:00Z','sent','put into mail/new/duban.25bf74bba3c2cbc9989c8cd9@x.example.45fe822ca6bd.duban');
CREATE TABLE duty (
    plan       TEXT NOT NULL,
    obligation TEXT NOT NULL,
    unit       TEXT NOT NULL,
    rule       INTEGER NOT NULL REFERENCES rule (id),
    since      TEXT NOT NULL,            -- what was due before is not made
    made_to    TEXT NOT NULL,            -- what is due up to then has been made
    wake       TEXT,                     -- when the next occurrence is to be made; NULL: events make them
    told       INTEGER NOT NULL,         -- 0: the unit has yet to hear of it
    retired_at TEXT,
    PRIMARY KEY (plan, obligation, unit)
);
INSERT INTO "duty" VALUES('p','m','a',1,'2026-10-22','2026-12-21','2026-11-23',1,NULL);
INSERT INTO "duty" VALUES('p','past','a',2,'2026-08-17','2027-11-08','2027-09-10',1,NULL);
INSERT INTO "duty" VALUES('p','ahead','a',3,'2026-08-17','2026-12-07','2026-12-08',1,NULL);
INSERT INTO "duty" VALUES('p','w','b',11,'2026-08-17','2026-12-21','2026-11-23',1,NULL);
INSERT INTO "duty" VALUES('p','e','a',5,'2026-08-17','2026-08-16',NULL,1,NULL);
INSERT INTO "duty" VALUES('p','s','a',6,'2026-08-17','2026-08-16',NULL,1,NULL);
INSERT INTO "duty" VALUES('p','mv','b',12,'2026-08-17','2026-12-01',NULL,1,NULL);
INSERT INTO "duty" VALUES('p','yearend','b',8,'2026-08-17','2026-12-30',NULL,1,NULL);
INSERT INTO "duty" VALUES('p','bad','b',9,'2026-08-17','2026-12-10',NULL,1,NULL);
INSERT INTO "duty" VALUES('p','m','b',10,'2026-10-21','2026-11-20',NULL,1,'2026-10-22T01:00:00Z');
CREATE TABLE event (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    unit         TEXT NOT NULL,
    key          TEXT NOT NULL,
    day          TEXT NOT NULL,
    title        TEXT NOT NULL,
    recorded_at  TEXT NOT NULL,
    withdrawn_at TEXT,
    reason       TEXT NOT NULL DEFAULT '',
    UNIQUE (name, unit, key)
);
INSERT INTO "event" VALUES(1,'asked','a','paused','2026-08-20','','2026-11-25T17:45:30Z',NULL,'');
INSERT INTO "event" VALUES(2,'asked','a','gone','2026-10-09','','2026-11-25T17:45:33Z','2026-11-25T17:45:33Z','wrong');
CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO "fact" VALUES('uid','FS2TU3LQRH6CF2IXJSPHGNI3CS');
INSERT INTO "fact" VALUES('day','2026-11-20');
CREATE TABLE failing_address (
    address  TEXT PRIMARY KEY,
    unit     TEXT NOT NULL,
    bounces  INTEGER NOT NULL,
    last_at  TEXT NOT NULL,
    error    TEXT NOT NULL,
    told     INTEGER NOT NULL DEFAULT 0        -- the administrators know
);
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_db_version" VALUES(1,0,1,'2026-11-25 17:45:30');
INSERT INTO "goose_db_version" VALUES(2,1,1,'2026-11-25 17:45:30');
INSERT INTO "goose_db_version" VALUES(3,2,1,'2026-11-25 17:45:30');
INSERT INTO "goose_db_version" VALUES(4,3,1,'2026-11-25 17:45:30');
CREATE TABLE journal (
    seq        INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,                  -- PLAN:OBLIGATION/UNIT/PERIOD, notice ID, plan ID …
    reason     TEXT NOT NULL,
    before     TEXT NOT NULL,
    after      TEXT NOT NULL,
    prev       TEXT NOT NULL,
    hash       TEXT NOT NULL
);
INSERT INTO "journal" VALUES(1,'2026-08-17T01:00:00Z','duban','plan adopted','plan p','','','acb1510e0066620e/0a33e67c7023988b','','3066f3aa0e83e0187f883190c36970bee72337ce35ac53d80bb0aaf7f7374d1d');
INSERT INTO "journal" VALUES(2,'2026-08-17T01:00:00Z','duban','made','p:ahead/a/2026-12-05','','','{"state":"open","anchor":"2026-12-05","first_due":"2026-12-07","due":"2026-12-07","rule":3}','3066f3aa0e83e0187f883190c36970bee72337ce35ac53d80bb0aaf7f7374d1d','2236a5c7cc03fdb5cbdd3aefcd817b11a27ab6b2a666de975e37c94f35109243');
INSERT INTO "journal" VALUES(3,'2026-08-17T01:00:00Z','duban','made','p:bad/b/2026-12-10','','','{"state":"open","anchor":"2026-12-10","first_due":"2026-12-10","due":"2026-12-10","rule":9}','2236a5c7cc03fdb5cbdd3aefcd817b11a27ab6b2a666de975e37c94f35109243','e6f17e20989aecec886c86963dd377a9fb3f505cd414a2d77588646ddd0fce5e');
INSERT INTO "journal" VALUES(4,'2026-08-17T01:00:00Z','duban','made','p:m/a/2026-07','','','{"state":"open","anchor":"2026-07-31","first_due":"2026-08-21","due":"2026-08-21","rule":1}','e6f17e20989aecec886c86963dd377a9fb3f505cd414a2d77588646ddd0fce5e','09d348713fd1c0c662152a3727a69350db90e27da88d895879fc9cc63893bb30');
INSERT INTO "journal" VALUES(5,'2026-08-17T01:00:00Z','duban','made','p:m/a/2026-08','','','{"state":"open","anchor":"2026-08-31","first_due":"2026-09-20","due":"2026-09-20","rule":1}','09d348713fd1c0c662152a3727a69350db90e27da88d895879fc9cc63893bb30','09eb4caf42dcfe5751efe20a3126460378149c4549fce5f5a5377a7c200d416d');
INSERT INTO "journal" VALUES(6,'2026-08-17T01:00:00Z','duban','made','p:mv/b/2026-11-27','','','{"state":"open","anchor":"2026-11-27","first_due":"2026-11-27","due":"2026-11-27","rule":7}','09eb4caf42dcfe5751efe20a3126460378149c4549fce5f5a5377a7c200d416d','2a626ec3167a70524cbc85ee16764afb34b951da3deade8bdc9af3820ac15b19');
INSERT INTO "journal" VALUES(7,'2026-08-17T01:00:00Z','duban','made','p:past/a/2026-11-07','','','{"state":"open","anchor":"2026-11-07","first_due":"2026-11-09","due":"2026-11-09","rule":2}','2a626ec3167a70524cbc85ee16764afb34b951da3deade8bdc9af3820ac15b19','d0183459a90041a2ec76f617b8623196702c297d359bbdc0e57593be55b3c95e');
INSERT INTO "journal" VALUES(8,'2026-08-17T01:00:00Z','duban','made','p:w/b/2026-08','','','{"state":"open","anchor":"2026-08-31","first_due":"2026-09-07","due":"2026-09-07","rule":4}','d0183459a90041a2ec76f617b8623196702c297d359bbdc0e57593be55b3c95e','2193a9adaa9e04ae9c45b6d33a437da144c42719b12aa4cf5cff4c14a736b1ba');
INSERT INTO "journal" VALUES(9,'2026-08-17T01:00:00Z','duban','made','p:w/b/2026-09','','','{"state":"open","anchor":"2026-09-30","first_due":"2026-10-13","due":"2026-10-13","rule":4}','2193a9adaa9e04ae9c45b6d33a437da144c42719b12aa4cf5cff4c14a736b1ba','696f7671b49f681d22294c823e94b11b7ab3818e154c64702600f33e4848fb28');
INSERT INTO "journal" VALUES(10,'2026-08-17T01:00:00Z','duban','made','p:yearend/b/2026-12-30','','','{"state":"open","anchor":"2026-12-30","first_due":"2026-12-30","due":"2026-12-30","rule":8}','696f7671b49f681d22294c823e94b11b7ab3818e154c64702600f33e4848fb28','3ef4242e7a78df020e36318ebf92530a19c072a2166e2451717dc4b94991bace');
INSERT INTO "journal" VALUES(11,'2026-08-17T01:00:00Z','duban','notice made','notice 1','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','3ef4242e7a78df020e36318ebf92530a19c072a2166e2451717dc4b94991bace','531fbd14248b35878cc7826eac62d54da1f2822e19def4d1b40686368f03c1c4');
INSERT INTO "journal" VALUES(12,'2026-08-17T01:00:00Z','duban','notice sent','notice 1','','','','531fbd14248b35878cc7826eac62d54da1f2822e19def4d1b40686368f03c1c4','94c734c7335d0f9bb2c770d7902cfed391305cc73a9f914d43907d65eab6e04a');
INSERT INTO "journal" VALUES(13,'2026-08-18T01:00:00Z','duban','notice made','notice 2','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','94c734c7335d0f9bb2c770d7902cfed391305cc73a9f914d43907d65eab6e04a','5b5b5435c23c63e10bd2f6240b43d68dccff389185198a7e8dfb6ca69419ba4a');
INSERT INTO "journal" VALUES(14,'2026-08-18T01:00:00Z','duban','notice sent','notice 2','','','','5b5b5435c23c63e10bd2f6240b43d68dccff389185198a7e8dfb6ca69419ba4a','c977835a04811ffca54f6d45c9c8a4e66266a7338323f02cb410f7fb1942a5a0');
INSERT INTO "journal" VALUES(15,'2026-08-21T01:00:00Z','duban','notice made','notice 3','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','c977835a04811ffca54f6d45c9c8a4e66266a7338323f02cb410f7fb1942a5a0','a876196b766b8e6dd44643b95d12690a3ecc984339356d9e6f8c5575210c9aac');
INSERT INTO "journal" VALUES(16,'2026-08-21T01:00:00Z','duban','notice sent','notice 3','','','','a876196b766b8e6dd44643b95d12690a3ecc984339356d9e6f8c5575210c9aac','0c45d4786c069cf2632f3de07cbe644f7ac0542a0f94fe67228ad3a6b87edb08');
INSERT INTO "journal" VALUES(17,'2026-11-25T17:45:30Z','root','event recorded','event asked/a/paused','','','{"date":"2026-08-20","title":""}','0c45d4786c069cf2632f3de07cbe644f7ac0542a0f94fe67228ad3a6b87edb08','36616fddc3d1970cc3214546c73c1b47f42d281ed518fe1eb3ba181ad92bde1f');
INSERT INTO "journal" VALUES(18,'2026-11-25T17:45:30Z','root','made','p:e/a/paused','','','{"state":"open","anchor":"2026-08-20","first_due":"2026-10-08","due":"2026-10-08","rule":5}','36616fddc3d1970cc3214546c73c1b47f42d281ed518fe1eb3ba181ad92bde1f','ca55a5a4105f8ac4da7dfbdf3435bad2f632babfd9426f779572d015ab759491');
INSERT INTO "journal" VALUES(19,'2026-11-25T17:45:30Z','root','paused','p:e/a/paused','','{"state":"open","anchor":"2026-08-20","first_due":"2026-10-08","due":"2026-10-08","rule":5}','{"state":"open","anchor":"2026-08-20","first_due":"2026-10-08","due":"2026-10-08","paused_on":"2026-08-21","rule":5}','ca55a5a4105f8ac4da7dfbdf3435bad2f632babfd9426f779572d015ab759491','93d0ca84d9c7e9ccbcc9af087b76a6546ccd2f335124ffadc177a30155918ef9');
INSERT INTO "journal" VALUES(20,'2026-11-25T17:45:30Z','root','resumed','p:e/a/paused','','{"state":"open","anchor":"2026-08-20","first_due":"2026-10-08","due":"2026-10-08","paused_on":"2026-08-21","rule":5}','{"state":"open","anchor":"2026-08-20","first_due":"2026-10-16","due":"2026-10-16","rule":5}','93d0ca84d9c7e9ccbcc9af087b76a6546ccd2f335124ffadc177a30155918ef9','b79bfc7f25b813e7a282f113bfb466518f8180cddb43f2db24d3cb2762a3d920');
INSERT INTO "journal" VALUES(21,'2026-08-24T01:00:00Z','duban','notice made','notice 4','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','b79bfc7f25b813e7a282f113bfb466518f8180cddb43f2db24d3cb2762a3d920','5201ecc16cb352db924a1b939cb7566b284bac8d77201af22ca717eef59c7b33');
INSERT INTO "journal" VALUES(22,'2026-08-24T01:00:00Z','duban','notice sent','notice 4','','','','5201ecc16cb352db924a1b939cb7566b284bac8d77201af22ca717eef59c7b33','34a2f6da93f2fb815ef6e8a40f21d80a6fe58098ee8bfd42ebda8f754bfcd894');
INSERT INTO "journal" VALUES(23,'2026-09-01T01:00:00Z','duban','made','p:m/a/2026-09','','','{"state":"open","anchor":"2026-09-30","first_due":"2026-10-27","due":"2026-10-27","rule":1}','34a2f6da93f2fb815ef6e8a40f21d80a6fe58098ee8bfd42ebda8f754bfcd894','71d61bed9e6cba8967b7fb33ad740ca3e8daa6ba77fe372cbf04bc40adb97528');
INSERT INTO "journal" VALUES(24,'2026-09-01T01:00:00Z','duban','notice made','notice 5','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','71d61bed9e6cba8967b7fb33ad740ca3e8daa6ba77fe372cbf04bc40adb97528','15f2e4129ec429a0157b3ae99e0f0e5c16625ad24442cbb545cec4b46f128644');
INSERT INTO "journal" VALUES(25,'2026-09-01T01:00:00Z','duban','notice made','notice 6','','','{"items":1,"kind":"reminder","state":"pending","unit":"b"}','15f2e4129ec429a0157b3ae99e0f0e5c16625ad24442cbb545cec4b46f128644','30cf97fc67f220b91cf6160e77c30a2a5214782643ea9e53912686d4fdfd09f4');
INSERT INTO "journal" VALUES(26,'2026-09-01T01:00:00Z','duban','notice made','notice 7','','','{"items":1,"kind":"escalation","state":"pending","unit":"boss"}','30cf97fc67f220b91cf6160e77c30a2a5214782643ea9e53912686d4fdfd09f4','fc887f77b6242678c4aa22734b8613787b36463a69933a5347c2b88c119adec8');
INSERT INTO "journal" VALUES(27,'2026-09-01T01:00:00Z','duban','notice sent','notice 5','','','','fc887f77b6242678c4aa22734b8613787b36463a69933a5347c2b88c119adec8','71b527c54114c527452dbaf1c9ca03c3fb7049ec2aa1a6793f4862c7dff82e56');
INSERT INTO "journal" VALUES(28,'2026-09-01T01:00:00Z','duban','notice sent','notice 6','','','','71b527c54114c527452dbaf1c9ca03c3fb7049ec2aa1a6793f4862c7dff82e56','0109111d25d0384bd49b620c49cc0e03e961331bfc3d75ffb9f09ba3930fd898');
INSERT INTO "journal" VALUES(29,'2026-09-01T01:00:00Z','duban','notice sent','notice 7','','','','0109111d25d0384bd49b620c49cc0e03e961331bfc3d75ffb9f09ba3930fd898','8b082f58b920453062b8c3206028b8b5abdcaee05ca1b26588bb49697c870a40');
INSERT INTO "journal" VALUES(30,'2026-09-08T01:00:00Z','duban','made','p:w/b/2026-10','','','{"state":"open","anchor":"2026-10-31","first_due":"2026-11-06","due":"2026-11-06","rule":4}','8b082f58b920453062b8c3206028b8b5abdcaee05ca1b26588bb49697c870a40','0f0e3020b159d441f7bf45b6451d796bb4d3644229e3dafc82f5139ec8fabee9');
INSERT INTO "journal" VALUES(31,'2026-09-08T01:00:00Z','duban','notice made','notice 8','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','0f0e3020b159d441f7bf45b6451d796bb4d3644229e3dafc82f5139ec8fabee9','d7caafb373b342a5810dba96d0019bb810f482147e2c866f71b1056418e193b1');
INSERT INTO "journal" VALUES(32,'2026-09-08T01:00:00Z','duban','notice made','notice 9','','','{"items":1,"kind":"reminder","state":"pending","unit":"b"}','d7caafb373b342a5810dba96d0019bb810f482147e2c866f71b1056418e193b1','d5a36fb9bbeafc46220e78143ebff5829bbc4be34fdaa3273d86f7ea16afcfb6');
INSERT INTO "journal" VALUES(33,'2026-09-08T01:00:00Z','duban','notice made','notice 10','','','{"items":1,"kind":"escalation","state":"pending","unit":"boss"}','d5a36fb9bbeafc46220e78143ebff5829bbc4be34fdaa3273d86f7ea16afcfb6','2270ee77b5d4bbc522edca81c2415df29d015ed42df0312b1f2f17f1a5c0712f');
INSERT INTO "journal" VALUES(34,'2026-09-08T01:00:00Z','duban','notice sent','notice 8','','','','2270ee77b5d4bbc522edca81c2415df29d015ed42df0312b1f2f17f1a5c0712f','124dc21d9fa5f727d3bf9a1e992898e8c78e9569da2a82e1b17e4177facf3c9e');
INSERT INTO "journal" VALUES(35,'2026-09-08T01:00:00Z','duban','notice sent','notice 9','','','','124dc21d9fa5f727d3bf9a1e992898e8c78e9569da2a82e1b17e4177facf3c9e','3bcd750cd924ef5cd422db67ec0ce90e82ad9cbf508ae4a2de84adaa7370ae57');
INSERT INTO "journal" VALUES(36,'2026-09-08T01:00:00Z','duban','notice sent','notice 10','','','','3bcd750cd924ef5cd422db67ec0ce90e82ad9cbf508ae4a2de84adaa7370ae57','343e59ebdd9c2a850a9a25173a2511567f8c9787969d69dbb44d107e5a6fe1be');
INSERT INTO "journal" VALUES(37,'2026-09-15T01:00:00Z','duban','notice made','notice 11','','','{"items":2,"kind":"reminder","state":"pending","unit":"a"}','343e59ebdd9c2a850a9a25173a2511567f8c9787969d69dbb44d107e5a6fe1be','579dd39d7baf372eace1c3334f6b3b5cb1cdfc2ede19ac23c604702412600b91');
INSERT INTO "journal" VALUES(38,'2026-09-15T01:00:00Z','duban','notice made','notice 12','','','{"items":1,"kind":"reminder","state":"pending","unit":"b"}','579dd39d7baf372eace1c3334f6b3b5cb1cdfc2ede19ac23c604702412600b91','84b194af18e44dfff58b745d430fa5a6c4ef487fc29d03c8ce2b876f9178045d');
INSERT INTO "journal" VALUES(39,'2026-09-15T01:00:00Z','duban','notice made','notice 13','','','{"items":2,"kind":"escalation","state":"pending","unit":"boss"}','84b194af18e44dfff58b745d430fa5a6c4ef487fc29d03c8ce2b876f9178045d','e4f89ff9eb79092bc3c7f9a17a488d58d50a94fdd478984e888cb8734bd5ba4a');
INSERT INTO "journal" VALUES(40,'2026-09-15T01:00:00Z','duban','notice sent','notice 11','','','','e4f89ff9eb79092bc3c7f9a17a488d58d50a94fdd478984e888cb8734bd5ba4a','1af8ffa50e96f9fb948cdffc1f9cfc1c3ac12a30cb4a9ed5e0e079df7917cf57');
INSERT INTO "journal" VALUES(41,'2026-09-15T01:00:00Z','duban','notice sent','notice 12','','','','1af8ffa50e96f9fb948cdffc1f9cfc1c3ac12a30cb4a9ed5e0e079df7917cf57','bdd7ddba6da380dbc1376172bc7c9c36f0aaeacb4d32445722439e2477651d90');
INSERT INTO "journal" VALUES(42,'2026-09-15T01:00:00Z','duban','notice sent','notice 13','','','','bdd7ddba6da380dbc1376172bc7c9c36f0aaeacb4d32445722439e2477651d90','16caadc0613bb8149d16912e2889df7394b2a68b9e6a49bcc037373ef19d9e4c');
INSERT INTO "journal" VALUES(43,'2026-09-22T01:00:00Z','duban','made','p:m/a/2026-10','','','{"state":"open","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","rule":1}','16caadc0613bb8149d16912e2889df7394b2a68b9e6a49bcc037373ef19d9e4c','d86cfb7f671e6c02f408812a65ff81f5daef4df85e8d712693145205f3daf51c');
INSERT INTO "journal" VALUES(44,'2026-09-22T01:00:00Z','duban','notice made','notice 14','','','{"items":2,"kind":"reminder","state":"pending","unit":"a"}','d86cfb7f671e6c02f408812a65ff81f5daef4df85e8d712693145205f3daf51c','f84e9362ef2df51db356dae71b038344783f08ed92d12565317e8e613857cb16');
INSERT INTO "journal" VALUES(45,'2026-09-22T01:00:00Z','duban','notice made','notice 15','','','{"items":1,"kind":"reminder","state":"pending","unit":"b"}','f84e9362ef2df51db356dae71b038344783f08ed92d12565317e8e613857cb16','10faec57d076edc4ae8e27ba40fc1f854d926b9ffbf1c22985c60ab6bfa8241d');
INSERT INTO "journal" VALUES(46,'2026-09-22T01:00:00Z','duban','notice made','notice 16','','','{"items":2,"kind":"escalation","state":"pending","unit":"boss"}','10faec57d076edc4ae8e27ba40fc1f854d926b9ffbf1c22985c60ab6bfa8241d','7002487b010f6fab716143e0be2d225b87091ddc67ac6af69c1040dd6feb1487');
INSERT INTO "journal" VALUES(47,'2026-09-22T01:00:00Z','duban','notice sent','notice 14','','','','7002487b010f6fab716143e0be2d225b87091ddc67ac6af69c1040dd6feb1487','e9a01bf242da1306884d6e09c93d8f39a13c801836f5b94f00f0c7d58a02bb08');
INSERT INTO "journal" VALUES(48,'2026-09-22T01:00:00Z','duban','notice sent','notice 15','','','','e9a01bf242da1306884d6e09c93d8f39a13c801836f5b94f00f0c7d58a02bb08','c28179889e8959c0643d55971d8349e0aff195249ec08b9611c600e0171b2728');
INSERT INTO "journal" VALUES(49,'2026-09-22T01:00:00Z','duban','notice sent','notice 16','','','','c28179889e8959c0643d55971d8349e0aff195249ec08b9611c600e0171b2728','89233e4373f8245a5759d26d5822ae886d52f6a6ef547c0112aa5431e229a3ba');
INSERT INTO "journal" VALUES(50,'2026-09-29T01:00:00Z','duban','notice made','notice 17','','','{"items":2,"kind":"reminder","state":"pending","unit":"a"}','89233e4373f8245a5759d26d5822ae886d52f6a6ef547c0112aa5431e229a3ba','81ce26565313f60d22181a10b9cbdb05268d31e82cac82fb891f577c8d075e51');
INSERT INTO "journal" VALUES(51,'2026-09-29T01:00:00Z','duban','notice made','notice 18','','','{"items":2,"kind":"reminder","state":"pending","unit":"b"}','81ce26565313f60d22181a10b9cbdb05268d31e82cac82fb891f577c8d075e51','8d9ec8305560e39ea50f9f8400f24bd37ee41f5087d3359ba44850935e79bb91');
INSERT INTO "journal" VALUES(52,'2026-09-29T01:00:00Z','duban','notice made','notice 19','','','{"items":3,"kind":"escalation","state":"pending","unit":"boss"}','8d9ec8305560e39ea50f9f8400f24bd37ee41f5087d3359ba44850935e79bb91','45a62093290b9ef77596ab0efddc10a9269c7e10af76e5c0a6bd5279ca725b50');
INSERT INTO "journal" VALUES(53,'2026-09-29T01:00:00Z','duban','notice sent','notice 17','','','','45a62093290b9ef77596ab0efddc10a9269c7e10af76e5c0a6bd5279ca725b50','6c431ae05dc0536ade01321fbf037818a1c19164185aadb197fd2b4855e5c2cd');
INSERT INTO "journal" VALUES(54,'2026-09-29T01:00:00Z','duban','notice sent','notice 18','','','','6c431ae05dc0536ade01321fbf037818a1c19164185aadb197fd2b4855e5c2cd','8e5a597b0f4bf16ac1c9f8c3b9d2744a671a7512f8813f88c709e59f6fc8f8dd');
INSERT INTO "journal" VALUES(55,'2026-09-29T01:00:00Z','duban','notice sent','notice 19','','','','8e5a597b0f4bf16ac1c9f8c3b9d2744a671a7512f8813f88c709e59f6fc8f8dd','7bd672dd534c4d781167d43faa65bc233f6f5210df1e312d45431db4651cf82f');
INSERT INTO "journal" VALUES(56,'2026-10-08T01:00:00Z','duban','notice made','notice 20','','','{"items":3,"kind":"reminder","state":"pending","unit":"a"}','7bd672dd534c4d781167d43faa65bc233f6f5210df1e312d45431db4651cf82f','259338d1d940ea3c7e55ab5704d84d507959f3e4dc0aad7898c4f44bdf0e5c3b');
INSERT INTO "journal" VALUES(57,'2026-10-08T01:00:00Z','duban','notice made','notice 21','','','{"items":1,"kind":"reminder","state":"pending","unit":"b"}','259338d1d940ea3c7e55ab5704d84d507959f3e4dc0aad7898c4f44bdf0e5c3b','bcd7b765e05131b9c0afa26cdedb18a065c8ad6fe1711b8608253203c47e82d2');
INSERT INTO "journal" VALUES(58,'2026-10-08T01:00:00Z','duban','notice made','notice 22','','','{"items":3,"kind":"escalation","state":"pending","unit":"boss"}','bcd7b765e05131b9c0afa26cdedb18a065c8ad6fe1711b8608253203c47e82d2','8320cbcb8188dfd3a2485c596b1f8581cec0c8864dfbb45be3b8e416237299d8');
INSERT INTO "journal" VALUES(59,'2026-10-08T01:00:00Z','duban','notice sent','notice 20','','','','8320cbcb8188dfd3a2485c596b1f8581cec0c8864dfbb45be3b8e416237299d8','7f3c0f5836ad82e4fd2be6f8fd5491209e6888377c8373d6dbd7db899186ab90');
INSERT INTO "journal" VALUES(60,'2026-10-08T01:00:00Z','duban','notice sent','notice 21','','','','7f3c0f5836ad82e4fd2be6f8fd5491209e6888377c8373d6dbd7db899186ab90','8ff99ed10a9638e5c3dec92cb05d441a043853aa474693aab64ef70b31243e3f');
INSERT INTO "journal" VALUES(61,'2026-10-08T01:00:00Z','duban','notice sent','notice 22','','','','8ff99ed10a9638e5c3dec92cb05d441a043853aa474693aab64ef70b31243e3f','47dbb69372bff7e143bf5cd87c2aa7afe76a86d9b74e0a41cf79fd6f8210b274');
INSERT INTO "journal" VALUES(62,'2026-10-09T01:00:00Z','duban','made','p:w/b/2026-11','','','{"state":"open","anchor":"2026-11-30","first_due":"2026-12-07","due":"2026-12-07","rule":4}','47dbb69372bff7e143bf5cd87c2aa7afe76a86d9b74e0a41cf79fd6f8210b274','684be7dff0e5fa69320f11370766512aa02e1a3d41647ce84d0ca93d39652866');
INSERT INTO "journal" VALUES(63,'2026-10-09T01:00:00Z','duban','notice made','notice 23','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','684be7dff0e5fa69320f11370766512aa02e1a3d41647ce84d0ca93d39652866','2cb38a04be78f17ff2aff7bba006a923e60dee9d811ce0d82969856ea22bd6f5');
INSERT INTO "journal" VALUES(64,'2026-10-09T01:00:00Z','duban','notice made','notice 24','','','{"items":2,"kind":"reminder","state":"pending","unit":"b"}','2cb38a04be78f17ff2aff7bba006a923e60dee9d811ce0d82969856ea22bd6f5','9400f47426a09d1a86e094ba1daa10c659d5e733b91b1a165432572f6219e537');
INSERT INTO "journal" VALUES(65,'2026-10-09T01:00:00Z','duban','notice made','notice 25','','','{"items":2,"kind":"escalation","state":"pending","unit":"boss"}','9400f47426a09d1a86e094ba1daa10c659d5e733b91b1a165432572f6219e537','b2cf15cd586a83619fe32e3c8b5ec8786d45fe1a272447b1beb9a64952e4338f');
INSERT INTO "journal" VALUES(66,'2026-10-09T01:00:00Z','duban','notice sent','notice 23','','','','b2cf15cd586a83619fe32e3c8b5ec8786d45fe1a272447b1beb9a64952e4338f','55fe2a133a28ad704c4125896d168f574c556235ffbe26c6c1135884e3a2791a');
INSERT INTO "journal" VALUES(67,'2026-10-09T01:00:00Z','duban','notice sent','notice 24','','','','55fe2a133a28ad704c4125896d168f574c556235ffbe26c6c1135884e3a2791a','861965cd5bf9588cebcfd6aac3b90abdafd7b62ec9bf8536547564bf23f97791');
INSERT INTO "journal" VALUES(68,'2026-10-09T01:00:00Z','duban','notice sent','notice 25','','','','861965cd5bf9588cebcfd6aac3b90abdafd7b62ec9bf8536547564bf23f97791','610c6897ce1bafb8c1c46ac34c2c02f995928d6afb15f396d76cb760caed1beb');
INSERT INTO "journal" VALUES(69,'2026-10-12T01:00:00Z','duban','notice made','notice 26','','','{"items":2,"kind":"reminder","state":"pending","unit":"a"}','610c6897ce1bafb8c1c46ac34c2c02f995928d6afb15f396d76cb760caed1beb','e1b299a10e38c6c2008897aecf5e1310cb6a81eeed7fab0da9a48a30f9d104db');
INSERT INTO "journal" VALUES(70,'2026-10-12T01:00:00Z','duban','notice made','notice 27','','','{"items":1,"kind":"reminder","state":"pending","unit":"b"}','e1b299a10e38c6c2008897aecf5e1310cb6a81eeed7fab0da9a48a30f9d104db','9398396837e8bd99e3c8aa48e93e9e68e2120d67cc450b14823564584be576e8');
INSERT INTO "journal" VALUES(71,'2026-10-12T01:00:00Z','duban','notice made','notice 28','','','{"items":3,"kind":"escalation","state":"pending","unit":"boss"}','9398396837e8bd99e3c8aa48e93e9e68e2120d67cc450b14823564584be576e8','86fbb8dc0721b596d96eeebd72667a2d6967c7db6adee17e5149943953fb8851');
INSERT INTO "journal" VALUES(72,'2026-10-12T01:00:00Z','duban','notice sent','notice 26','','','','86fbb8dc0721b596d96eeebd72667a2d6967c7db6adee17e5149943953fb8851','f00544d516f68849b5e9da8c4f4e69ae74a18ea5ac84568501b5ec99b60f654f');
INSERT INTO "journal" VALUES(73,'2026-10-12T01:00:00Z','duban','notice sent','notice 27','','','','f00544d516f68849b5e9da8c4f4e69ae74a18ea5ac84568501b5ec99b60f654f','b01a7a87d2d6ff52deb90f6738f41e49e09930ea8f17400a009c0b7c1886c543');
INSERT INTO "journal" VALUES(74,'2026-10-12T01:00:00Z','duban','notice sent','notice 28','','','','b01a7a87d2d6ff52deb90f6738f41e49e09930ea8f17400a009c0b7c1886c543','ca90dc30afe37c08337fd32115b55e276905ebadc4b45111f7735e06f0d3f8b0');
INSERT INTO "journal" VALUES(75,'2026-10-20T01:00:00Z','duban','notice made','notice 29','','','{"items":4,"kind":"reminder","state":"pending","unit":"a"}','ca90dc30afe37c08337fd32115b55e276905ebadc4b45111f7735e06f0d3f8b0','54b9ad2956e3e4d1a2a63da140945144325b1151da1eb876494aa498b17bf706');
INSERT INTO "journal" VALUES(76,'2026-10-20T01:00:00Z','duban','notice made','notice 30','','','{"items":2,"kind":"reminder","state":"pending","unit":"b"}','54b9ad2956e3e4d1a2a63da140945144325b1151da1eb876494aa498b17bf706','068cd86edf8fb88421fd203664daf298cd0a309633306fe5eb2e340f4ec1fdd1');
INSERT INTO "journal" VALUES(77,'2026-10-20T01:00:00Z','duban','notice made','notice 31','','','{"items":4,"kind":"escalation","state":"pending","unit":"boss"}','068cd86edf8fb88421fd203664daf298cd0a309633306fe5eb2e340f4ec1fdd1','aec8c238a340f5e21527cf0b134a8808df94c5aced822b9a79076bdbf228042b');
INSERT INTO "journal" VALUES(78,'2026-10-20T01:00:00Z','duban','notice sent','notice 29','','','','aec8c238a340f5e21527cf0b134a8808df94c5aced822b9a79076bdbf228042b','47fed475803ef3a5df97ffe9878dc7549527bcfb475e663cf814737256fccd10');
INSERT INTO "journal" VALUES(79,'2026-10-20T01:00:00Z','duban','notice sent','notice 30','','','','47fed475803ef3a5df97ffe9878dc7549527bcfb475e663cf814737256fccd10','bd08d4a57b534184703f1ff538be2ebc7bd565b1e3695d498945449b8fddbf94');
INSERT INTO "journal" VALUES(80,'2026-10-20T01:00:00Z','duban','notice sent','notice 31','','','','bd08d4a57b534184703f1ff538be2ebc7bd565b1e3695d498945449b8fddbf94','877c36fe670aadd5d8938e17247d72868bd948cb05a948164728a241ea565ea6');
INSERT INTO "journal" VALUES(81,'2026-10-21T01:00:00Z','duban','cancelled','p:m/a/2026-07','no rule asks for it any more','{"state":"open","anchor":"2026-07-31","first_due":"2026-08-21","due":"2026-08-21","rule":1}','{"state":"cancelled","anchor":"2026-07-31","first_due":"2026-08-21","due":"2026-08-21","closed_at":"2026-10-21T01:00:00Z","rule":1}','877c36fe670aadd5d8938e17247d72868bd948cb05a948164728a241ea565ea6','3b34e756c29e4e7d1986bd31c1cb5b9e1018bb674f4e0c523e28b31062fc370f');
INSERT INTO "journal" VALUES(82,'2026-10-21T01:00:00Z','duban','cancelled','p:m/a/2026-08','no rule asks for it any more','{"state":"open","anchor":"2026-08-31","first_due":"2026-09-20","due":"2026-09-20","rule":1}','{"state":"cancelled","anchor":"2026-08-31","first_due":"2026-09-20","due":"2026-09-20","closed_at":"2026-10-21T01:00:00Z","rule":1}','3b34e756c29e4e7d1986bd31c1cb5b9e1018bb674f4e0c523e28b31062fc370f','48969fa158f0d162fe58c2ceabd045422ac9b86689bd5d219586fafaafd55c9d');
INSERT INTO "journal" VALUES(83,'2026-10-21T01:00:00Z','duban','cancelled','p:m/a/2026-09','no rule asks for it any more','{"state":"open","anchor":"2026-09-30","first_due":"2026-10-27","due":"2026-10-27","rule":1}','{"state":"cancelled","anchor":"2026-09-30","first_due":"2026-10-27","due":"2026-10-27","closed_at":"2026-10-21T01:00:00Z","rule":1}','48969fa158f0d162fe58c2ceabd045422ac9b86689bd5d219586fafaafd55c9d','ff0ceda757a055167d1b68c3c70ebb66cf2a988471598b83059a35a4b679b4ef');
INSERT INTO "journal" VALUES(84,'2026-10-21T01:00:00Z','duban','cancelled','p:m/a/2026-10','no rule asks for it any more','{"state":"open","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","rule":1}','{"state":"cancelled","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","closed_at":"2026-10-21T01:00:00Z","rule":1}','ff0ceda757a055167d1b68c3c70ebb66cf2a988471598b83059a35a4b679b4ef','37d439bee8a5b6f2e0508524ce88490fb438fe0e094405baebfbebd64a688186');
INSERT INTO "journal" VALUES(85,'2026-10-21T01:00:00Z','duban','made','p:m/b/2026-09','','','{"state":"open","anchor":"2026-09-30","first_due":"2026-10-27","due":"2026-10-27","rule":10}','37d439bee8a5b6f2e0508524ce88490fb438fe0e094405baebfbebd64a688186','56f76a2781d49b6e593b09374ee305d332a7604e5cc4f48889aa160014981175');
INSERT INTO "journal" VALUES(86,'2026-10-21T01:00:00Z','duban','made','p:m/b/2026-10','','','{"state":"open","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","rule":10}','56f76a2781d49b6e593b09374ee305d332a7604e5cc4f48889aa160014981175','6befd5bf8523f7690fc8c0c3a1c564e4aaab98e77d34308cf350ff413c0c1a94');
INSERT INTO "journal" VALUES(87,'2026-10-21T01:00:00Z','duban','notice made','notice 32','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','6befd5bf8523f7690fc8c0c3a1c564e4aaab98e77d34308cf350ff413c0c1a94','d3432908fb7f2a11f4e7c8b885f0e543b00ac5abc8cad9f10aa858b2a6c7d5c0');
INSERT INTO "journal" VALUES(88,'2026-10-21T01:00:00Z','duban','notice made','notice 33','','','{"items":1,"kind":"reminder","state":"pending","unit":"b"}','d3432908fb7f2a11f4e7c8b885f0e543b00ac5abc8cad9f10aa858b2a6c7d5c0','b38353d253f74a33ccd4c4036580f87575ab4a4bae43426c3d20cb2c89a2e21d');
INSERT INTO "journal" VALUES(89,'2026-10-21T01:00:00Z','duban','notice made','notice 34','','','{"items":1,"kind":"escalation","state":"pending","unit":"boss"}','b38353d253f74a33ccd4c4036580f87575ab4a4bae43426c3d20cb2c89a2e21d','00ba7de838718c5e4c2fd3aa7ae2e1dd7bd92543798fd9aa3d69e3129a9cf720');
INSERT INTO "journal" VALUES(90,'2026-10-21T01:00:00Z','duban','notice sent','notice 32','','','','00ba7de838718c5e4c2fd3aa7ae2e1dd7bd92543798fd9aa3d69e3129a9cf720','c3db52e5c21ef4f955017ba6832db2e25ee6e5bd00908893103f59789df5603a');
INSERT INTO "journal" VALUES(91,'2026-10-21T01:00:00Z','duban','notice sent','notice 33','','','','c3db52e5c21ef4f955017ba6832db2e25ee6e5bd00908893103f59789df5603a','9e5d643511a4e070df019ab7758022556e4815ba074d91384ce28525e035bd12');
INSERT INTO "journal" VALUES(92,'2026-10-21T01:00:00Z','duban','notice sent','notice 34','','','','9e5d643511a4e070df019ab7758022556e4815ba074d91384ce28525e035bd12','6a61dfc7179b26672f441f727e71dcf0f19655c3a60d433ff6b01c1b444f413c');
INSERT INTO "journal" VALUES(93,'2026-10-22T01:00:00Z','duban','cancelled','p:m/b/2026-09','no rule asks for it any more','{"state":"open","anchor":"2026-09-30","first_due":"2026-10-27","due":"2026-10-27","rule":10}','{"state":"cancelled","anchor":"2026-09-30","first_due":"2026-10-27","due":"2026-10-27","closed_at":"2026-10-22T01:00:00Z","rule":10}','6a61dfc7179b26672f441f727e71dcf0f19655c3a60d433ff6b01c1b444f413c','034893776b88fab3f8fd9930f77e111d1984c20adf88addd037dfa49ef5ec9fc');
INSERT INTO "journal" VALUES(94,'2026-10-22T01:00:00Z','duban','cancelled','p:m/b/2026-10','no rule asks for it any more','{"state":"open","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","rule":10}','{"state":"cancelled","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","closed_at":"2026-10-22T01:00:00Z","rule":10}','034893776b88fab3f8fd9930f77e111d1984c20adf88addd037dfa49ef5ec9fc','1dcc941e5a6c6f25b5e30a2990eae6619bb26607837d662a4f32e5d03d34c897');
INSERT INTO "journal" VALUES(95,'2026-10-22T01:00:00Z','duban','owed again','p:m/a/2026-09','','{"state":"cancelled","anchor":"2026-09-30","first_due":"2026-10-27","due":"2026-10-27","closed_at":"2026-10-21T01:00:00Z","rule":1}','{"state":"open","anchor":"2026-09-30","first_due":"2026-10-27","due":"2026-10-27","rule":1}','1dcc941e5a6c6f25b5e30a2990eae6619bb26607837d662a4f32e5d03d34c897','a374fe1f690faf078d8fed771dc9dc53aab472a97a66b7d1782256c265cfd104');
INSERT INTO "journal" VALUES(96,'2026-10-22T01:00:00Z','duban','owed again','p:m/a/2026-10','','{"state":"cancelled","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","closed_at":"2026-10-21T01:00:00Z","rule":1}','{"state":"open","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","rule":1}','a374fe1f690faf078d8fed771dc9dc53aab472a97a66b7d1782256c265cfd104','f18122c8cb2607ecfdb18d84579eddcce7b4f374e7e91dec55a01452a52c1a88');
INSERT INTO "journal" VALUES(97,'2026-10-22T01:00:00Z','duban','notice made','notice 35','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','f18122c8cb2607ecfdb18d84579eddcce7b4f374e7e91dec55a01452a52c1a88','0c09714f4a21aa2d6593bcda6f10787187d4098216bcbbae027446ed99bd8ea8');
INSERT INTO "journal" VALUES(98,'2026-10-22T01:00:00Z','duban','notice made','notice 36','','','{"items":2,"kind":"reminder","state":"pending","unit":"b"}','0c09714f4a21aa2d6593bcda6f10787187d4098216bcbbae027446ed99bd8ea8','117eeac6afd2e8291b92089de07d2c4ae75547f1486a870b5130221ecc7ae917');
INSERT INTO "journal" VALUES(99,'2026-10-22T01:00:00Z','duban','notice made','notice 37','','','{"items":2,"kind":"escalation","state":"pending","unit":"boss"}','117eeac6afd2e8291b92089de07d2c4ae75547f1486a870b5130221ecc7ae917','7edeef3db9a92494be2bc5b4b65f89a03a9e5c20c7e0e2530fdbc98eb8eb01f3');
INSERT INTO "journal" VALUES(100,'2026-10-22T01:00:00Z','duban','notice sent','notice 35','','','','7edeef3db9a92494be2bc5b4b65f89a03a9e5c20c7e0e2530fdbc98eb8eb01f3','25416e77fc0ebde0a6fd5a5ee9123ffbf6e6f701dbe9d606c6541ed5c75a1515');
INSERT INTO "journal" VALUES(101,'2026-10-22T01:00:00Z','duban','notice sent','notice 36','','','','25416e77fc0ebde0a6fd5a5ee9123ffbf6e6f701dbe9d606c6541ed5c75a1515','353c46f1d5a6ac63af24e1aa880206daacea1ed492eaf29eeb93299ba80481b8');
INSERT INTO "journal" VALUES(102,'2026-10-22T01:00:00Z','duban','notice sent','notice 37','','','','353c46f1d5a6ac63af24e1aa880206daacea1ed492eaf29eeb93299ba80481b8','9f23ea3dee0837b393215e2eb605239f74837c6e53889905511f9041b765f520');
INSERT INTO "journal" VALUES(103,'2026-11-25T17:45:33Z','root','closed','p:w/b/2026-09','','{"state":"open","anchor":"2026-09-30","first_due":"2026-10-13","due":"2026-10-13","rule":4}','{"state":"closed","anchor":"2026-09-30","first_due":"2026-10-13","due":"2026-10-13","reported_by":"root","reported_at":"2026-10-12T09:30:00Z","closed_at":"2026-10-12T09:30:00Z","rule":4}','9f23ea3dee0837b393215e2eb605239f74837c6e53889905511f9041b765f520','05642d38719de2808b51051f5032d7c5219c95890e59b31618882dedb25d39ac');
INSERT INTO "journal" VALUES(104,'2026-11-25T17:45:33Z','root','event recorded','event asked/a/gone','','','{"date":"2026-10-09","title":""}','05642d38719de2808b51051f5032d7c5219c95890e59b31618882dedb25d39ac','acc3fd2f2ee482a0daacea4566b01f3ec03489f53c7cfc1181399a339642de17');
INSERT INTO "journal" VALUES(105,'2026-11-25T17:45:33Z','root','made','p:e/a/gone','','','{"state":"open","anchor":"2026-10-09","first_due":"2026-11-23","due":"2026-11-23","rule":5}','acc3fd2f2ee482a0daacea4566b01f3ec03489f53c7cfc1181399a339642de17','0f57f2134e94fd1b6d46dd76d2058f6f3d49204d40145129a3c1e7cf7e9dd7fa');
INSERT INTO "journal" VALUES(106,'2026-11-25T17:45:33Z','root','closed','p:e/a/gone','','{"state":"open","anchor":"2026-10-09","first_due":"2026-11-23","due":"2026-11-23","rule":5}','{"state":"closed","anchor":"2026-10-09","first_due":"2026-11-23","due":"2026-11-23","reported_by":"root","reported_at":"2026-10-19T09:30:00Z","closed_at":"2026-10-19T09:30:00Z","rule":5}','0f57f2134e94fd1b6d46dd76d2058f6f3d49204d40145129a3c1e7cf7e9dd7fa','fccb33c0d5f485964d4a7fb8081eaca9f076fd6e2cf0e868b99f58af6c0ed78d');
INSERT INTO "journal" VALUES(107,'2026-11-25T17:45:33Z','root','made','p:s/a/gone','','','{"state":"open","anchor":"2026-10-19","first_due":"2026-12-18","due":"2026-12-18","rule":6}','fccb33c0d5f485964d4a7fb8081eaca9f076fd6e2cf0e868b99f58af6c0ed78d','d3dba265da04c32dce18ca7a33dd8c9c1975ecf5877c5389097f8f63e6a61b77');
INSERT INTO "journal" VALUES(108,'2026-11-25T17:45:33Z','root','event withdrawn','event asked/a/gone','wrong','','','d3dba265da04c32dce18ca7a33dd8c9c1975ecf5877c5389097f8f63e6a61b77','d77b40b309bb043b61f69acf93ea6754afc8c748b7b562881c53acb878dcaa5b');
INSERT INTO "journal" VALUES(109,'2026-11-25T17:45:33Z','root','extended','p:mv/b/2026-11-27','later','{"state":"open","anchor":"2026-11-27","first_due":"2026-11-27","due":"2026-11-27","rule":7}','{"state":"open","anchor":"2026-11-27","first_due":"2026-11-27","due":"2026-12-20","extended":true,"rule":7}','d77b40b309bb043b61f69acf93ea6754afc8c748b7b562881c53acb878dcaa5b','780296a111ef1696ae277296a3799fdc8a24546452c37e466557bdb5349966dc');
INSERT INTO "journal" VALUES(110,'2026-11-02T01:00:00Z','duban','recounted','p:w/b/2026-08','','{"state":"open","anchor":"2026-08-31","first_due":"2026-09-07","due":"2026-09-07","rule":4}','{"state":"open","anchor":"2026-08-31","first_due":"2026-09-20","due":"2026-09-20","rule":11}','780296a111ef1696ae277296a3799fdc8a24546452c37e466557bdb5349966dc','c108b76e035bc7227e71987b49e34c0cec8f8d8cd110f9dc6f6bdc940c198485');
INSERT INTO "journal" VALUES(111,'2026-11-02T01:00:00Z','duban','recounted','p:w/b/2026-10','','{"state":"open","anchor":"2026-10-31","first_due":"2026-11-06","due":"2026-11-06","rule":4}','{"state":"open","anchor":"2026-10-31","first_due":"2026-11-20","due":"2026-11-20","rule":11}','c108b76e035bc7227e71987b49e34c0cec8f8d8cd110f9dc6f6bdc940c198485','86489d64e72ad649baff459e323c7ff8d8ee7e16c5028d26dabc985236a7bc0d');
INSERT INTO "journal" VALUES(112,'2026-11-02T01:00:00Z','duban','recounted','p:w/b/2026-11','','{"state":"open","anchor":"2026-11-30","first_due":"2026-12-07","due":"2026-12-07","rule":4}','{"state":"open","anchor":"2026-11-30","first_due":"2026-12-21","due":"2026-12-21","rule":11}','86489d64e72ad649baff459e323c7ff8d8ee7e16c5028d26dabc985236a7bc0d','05bac6a0f5d390db2802504a30bd3a08ff125c5becd14de05d07148e93dba71e');
INSERT INTO "journal" VALUES(113,'2026-11-02T01:00:00Z','duban','recounted','p:mv/b/2026-11-27','','{"state":"open","anchor":"2026-11-27","first_due":"2026-11-27","due":"2026-12-20","extended":true,"rule":7}','{"state":"open","anchor":"2026-11-27","first_due":"2026-11-27","due":"2026-12-20","extended":true,"rule":12}','05bac6a0f5d390db2802504a30bd3a08ff125c5becd14de05d07148e93dba71e','56d6975f815f4236166e9e6015f72897a835cdd9f7856881755cad2055e6dc7f');
INSERT INTO "journal" VALUES(114,'2026-11-02T01:00:00Z','duban','made','p:m/a/2026-11','','','{"state":"open","anchor":"2026-11-30","first_due":"2026-12-21","due":"2026-12-21","rule":1}','56d6975f815f4236166e9e6015f72897a835cdd9f7856881755cad2055e6dc7f','cca183bbd723300a627e625f6e7f7eddbcbb5c02f12a91be66429222ccf87873');
INSERT INTO "journal" VALUES(115,'2026-11-02T01:00:00Z','duban','made','p:mv/b/2026-12-01','','','{"state":"open","anchor":"2026-12-01","first_due":"2026-12-01","due":"2026-12-01","rule":12}','cca183bbd723300a627e625f6e7f7eddbcbb5c02f12a91be66429222ccf87873','443647d54d6f49bff45d9ca1894005c1e8ee65692eea03cc3d0a882369f41c2e');
INSERT INTO "journal" VALUES(116,'2026-11-02T01:00:00Z','duban','notice made','notice 38','','','{"items":3,"kind":"reminder","state":"pending","unit":"a"}','443647d54d6f49bff45d9ca1894005c1e8ee65692eea03cc3d0a882369f41c2e','8d06db631e939267b7e7a32c8927b929aa07c2cbe2e075e1812625b9a77b2aae');
INSERT INTO "journal" VALUES(117,'2026-11-02T01:00:00Z','duban','notice made','notice 39','','','{"items":1,"kind":"reminder","state":"pending","unit":"b"}','8d06db631e939267b7e7a32c8927b929aa07c2cbe2e075e1812625b9a77b2aae','bd99bbecbe53df7f998aaa8b7b3324ed3e696e8bf11c9ad83c21c958a7350eab');
INSERT INTO "journal" VALUES(118,'2026-11-02T01:00:00Z','duban','notice made','notice 40','','','{"items":3,"kind":"escalation","state":"pending","unit":"boss"}','bd99bbecbe53df7f998aaa8b7b3324ed3e696e8bf11c9ad83c21c958a7350eab','176f0479903f184452263eb969fa1720f40e04479f25543c6a5eec08094974d4');
INSERT INTO "journal" VALUES(119,'2026-11-02T01:00:00Z','duban','notice sent','notice 38','','','','176f0479903f184452263eb969fa1720f40e04479f25543c6a5eec08094974d4','697e046389a1edb8ae19466f5eb2f3a8066cede4ea99d7ca36e454598cc7e60b');
INSERT INTO "journal" VALUES(120,'2026-11-02T01:00:00Z','duban','notice sent','notice 39','','','','697e046389a1edb8ae19466f5eb2f3a8066cede4ea99d7ca36e454598cc7e60b','199c1e84489c6733cdfdcfd7f8722522d56306d0485dba9fc96acb8a63f681fe');
INSERT INTO "journal" VALUES(121,'2026-11-02T01:00:00Z','duban','notice sent','notice 40','','','','199c1e84489c6733cdfdcfd7f8722522d56306d0485dba9fc96acb8a63f681fe','2a69129a8c21ed8b8a23c773098b81f5166baae403d6b26cf291ede6890d7e88');
INSERT INTO "journal" VALUES(122,'2026-11-25T17:45:34Z','root','reopened','p:w/b/2026-09','','{"state":"closed","anchor":"2026-09-30","first_due":"2026-10-13","due":"2026-10-13","reported_by":"root","reported_at":"2026-10-12T09:30:00Z","closed_at":"2026-10-12T09:30:00Z","rule":4}','{"state":"open","anchor":"2026-09-30","first_due":"2026-10-13","due":"2026-10-13","reported_by":"root","rule":4}','2a69129a8c21ed8b8a23c773098b81f5166baae403d6b26cf291ede6890d7e88','0b1deea810f8f119493a55ef89de1334e81d16d077fd247bfe563bd3959df26f');
INSERT INTO "journal" VALUES(123,'2026-11-09T01:00:00Z','duban','notice made','notice 41','','','{"items":3,"kind":"reminder","state":"pending","unit":"a"}','0b1deea810f8f119493a55ef89de1334e81d16d077fd247bfe563bd3959df26f','d8e1d46c6c54cb9c0a85ac592d93c2a4491943a704d294f27384a15eeb7ce462');
INSERT INTO "journal" VALUES(124,'2026-11-09T01:00:00Z','duban','notice made','notice 42','','','{"items":2,"kind":"reminder","state":"pending","unit":"b"}','d8e1d46c6c54cb9c0a85ac592d93c2a4491943a704d294f27384a15eeb7ce462','47f4a62fefae8f6250cd36d57a7c1b092fd08bc22040fdbc0d26e123067bde63');
INSERT INTO "journal" VALUES(125,'2026-11-09T01:00:00Z','duban','notice made','notice 43','','','{"items":4,"kind":"escalation","state":"pending","unit":"boss"}','47f4a62fefae8f6250cd36d57a7c1b092fd08bc22040fdbc0d26e123067bde63','c4b456640e212f4b28ee5fd80a6426b28756e2946a32e76ffe9dfdbf9732c43b');
INSERT INTO "journal" VALUES(126,'2026-11-09T01:00:00Z','duban','notice sent','notice 41','','','','c4b456640e212f4b28ee5fd80a6426b28756e2946a32e76ffe9dfdbf9732c43b','504132048340b2a16cbfc89f80d9b3b1026f77b519c0eb3ae40622d955c36f66');
INSERT INTO "journal" VALUES(127,'2026-11-09T01:00:00Z','duban','notice sent','notice 42','','','','504132048340b2a16cbfc89f80d9b3b1026f77b519c0eb3ae40622d955c36f66','127f2566bafce13041929af87292aee21aaf7d1292c2f2f83538c48c38c57bdd');
INSERT INTO "journal" VALUES(128,'2026-11-09T01:00:00Z','duban','notice sent','notice 43','','','','127f2566bafce13041929af87292aee21aaf7d1292c2f2f83538c48c38c57bdd','e9df27e9c19495fd4afd9465465a4672007b1617938762ee275416a8a112fa5a');
INSERT INTO "journal" VALUES(129,'2026-11-16T01:00:00Z','duban','made','p:past/a/2027-11-07','','','{"state":"open","anchor":"2027-11-07","first_due":"2027-11-08","due":"2027-11-08","provisional":true,"rule":2}','e9df27e9c19495fd4afd9465465a4672007b1617938762ee275416a8a112fa5a','4de7b291b136f911a09dc95a04060de7ebcaa26e368939bc668c7382650994f1');
INSERT INTO "journal" VALUES(130,'2026-11-16T01:00:00Z','duban','notice made','notice 44','','','{"items":4,"kind":"reminder","state":"pending","unit":"a"}','4de7b291b136f911a09dc95a04060de7ebcaa26e368939bc668c7382650994f1','977519483845cb46090de0cab65b1a711ba8d91aa9ebaaaad7638a0b0ac1fc5c');
INSERT INTO "journal" VALUES(131,'2026-11-16T01:00:00Z','duban','notice made','notice 45','','','{"items":3,"kind":"reminder","state":"pending","unit":"b"}','977519483845cb46090de0cab65b1a711ba8d91aa9ebaaaad7638a0b0ac1fc5c','d16d2a21b57875833eb7e595da960219c0e6334eb2989b86daf0197c38997761');
INSERT INTO "journal" VALUES(132,'2026-11-16T01:00:00Z','duban','notice made','notice 46','','','{"items":5,"kind":"escalation","state":"pending","unit":"boss"}','d16d2a21b57875833eb7e595da960219c0e6334eb2989b86daf0197c38997761','5e85c0d8e3747f8b25c5624407dc08daa4d95fa036e689a3c4309273a9e01b1c');
INSERT INTO "journal" VALUES(133,'2026-11-16T01:00:00Z','duban','notice sent','notice 44','','','','5e85c0d8e3747f8b25c5624407dc08daa4d95fa036e689a3c4309273a9e01b1c','de61dae05fa71d38e824a4d46f5e54d78f058a45cf8a5524aae8abd0b0603d4e');
INSERT INTO "journal" VALUES(134,'2026-11-16T01:00:00Z','duban','notice sent','notice 45','','','','de61dae05fa71d38e824a4d46f5e54d78f058a45cf8a5524aae8abd0b0603d4e','11e45888b4f08645a2ee4e9a750fe15bffda7e286cae369a36022a28a6f448a2');
INSERT INTO "journal" VALUES(135,'2026-11-16T01:00:00Z','duban','notice sent','notice 46','','','','11e45888b4f08645a2ee4e9a750fe15bffda7e286cae369a36022a28a6f448a2','ea14114e824dc0d55aab7a213398329e47b933d277ccb54a5a7237d7e4fc5386');
INSERT INTO "journal" VALUES(136,'2026-11-20T01:00:00Z','duban','notice made','notice 47','','','{"items":4,"kind":"reminder","state":"pending","unit":"a"}','ea14114e824dc0d55aab7a213398329e47b933d277ccb54a5a7237d7e4fc5386','d55c367e8ded357785ee41d8971cc940a0c21d06839cc7c1f85903e38a4d7883');
INSERT INTO "journal" VALUES(137,'2026-11-20T01:00:00Z','duban','notice made','notice 48','','','{"items":4,"kind":"reminder","state":"pending","unit":"b"}','d55c367e8ded357785ee41d8971cc940a0c21d06839cc7c1f85903e38a4d7883','b7f91769d019f2eb944b7b92d909b1fbeea9f5b5917787f3a953cce656f11fd6');
INSERT INTO "journal" VALUES(138,'2026-11-20T01:00:00Z','duban','notice made','notice 49','','','{"items":5,"kind":"escalation","state":"pending","unit":"boss"}','b7f91769d019f2eb944b7b92d909b1fbeea9f5b5917787f3a953cce656f11fd6','24991b22834beb6c4bd907a897d5901656ade52e06783dd8a01d44968d6bc061');
INSERT INTO "journal" VALUES(139,'2026-11-20T01:00:00Z','duban','notice sent','notice 47','','','','24991b22834beb6c4bd907a897d5901656ade52e06783dd8a01d44968d6bc061','70edf3773ecc53262b9b0eac1332ea5921805e6386a92025ec41fd43172f1934');
INSERT INTO "journal" VALUES(140,'2026-11-20T01:00:00Z','duban','notice sent','notice 48','','','','70edf3773ecc53262b9b0eac1332ea5921805e6386a92025ec41fd43172f1934','c8d914d59f28679c1a5544c614116d06c5299d6a547c606e883d66a5ecbc5dfa');
INSERT INTO "journal" VALUES(141,'2026-11-20T01:00:00Z','duban','notice sent','notice 49','','','','c8d914d59f28679c1a5544c614116d06c5299d6a547c606e883d66a5ecbc5dfa','d2742ef5454cd07d305ea108fc8646b89e42670bf501762adc0c9b550d4804ca');
INSERT INTO "journal" VALUES(142,'2026-11-25T17:45:34Z','root','extended','p:bad/b/2026-12-10','x','{"state":"open","anchor":"2026-12-10","first_due":"2026-12-10","due":"2026-12-10","rule":9}','{"state":"open","anchor":"2026-12-10","first_due":"2026-12-10","due":"12025-12-10","provisional":true,"extended":true,"rule":9}','d2742ef5454cd07d305ea108fc8646b89e42670bf501762adc0c9b550d4804ca','a4f2a2d8cfbe04eec2a06677458f961c16f4601f94dc187ec3957dfa52cac8a6');
CREATE TABLE mail (
    notice INTEGER PRIMARY KEY REFERENCES notice (id),
    raw    BLOB NOT NULL
);
CREATE TABLE notice (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL CHECK (kind IN ('assignment', 'reminder', 'escalation', 'admin')),
    unit         TEXT NOT NULL,                -- empty: the administrators
    day          TEXT NOT NULL,                -- on which it leaves, or may leave first
    message_id   TEXT NOT NULL UNIQUE,
    subject      TEXT NOT NULL,
    text         TEXT NOT NULL DEFAULT '',     -- of notices to the administrators
    state        TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'held', 'dropped')),
    may_have_arrived INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0,
    created_at   TEXT NOT NULL,
    next_attempt TEXT,
    give_up_at   TEXT,
    sent_at      TEXT,
    error        TEXT NOT NULL DEFAULT ''
);
INSERT INTO "notice" VALUES(1,'reminder','a','2026-08-17','duban.d609e43c70187638411e3ee5@x.example','【督办提醒】甲局:1项即将到期(8月17日)','','sent',0,1,'2026-08-17T01:00:00Z',NULL,'2026-08-20T01:00:00Z','2026-08-17T01:00:00Z','');
INSERT INTO "notice" VALUES(2,'reminder','a','2026-08-18','duban.f675191a6292776c9ebb6e36@x.example','【督办提醒】甲局:1项即将到期(8月18日)','','sent',0,1,'2026-08-18T01:00:00Z',NULL,'2026-08-21T01:00:00Z','2026-08-18T01:00:00Z','');
INSERT INTO "notice" VALUES(3,'reminder','a','2026-08-21','duban.c6346c98f8809dd58cd67d7d@x.example','【督办提醒】甲局:1项今日到期(8月21日)','','sent',0,1,'2026-08-21T01:00:00Z',NULL,'2026-08-24T01:00:00Z','2026-08-21T01:00:00Z','');
INSERT INTO "notice" VALUES(4,'reminder','a','2026-08-24','duban.a34b79c5858b5ba01cdede1a@x.example','【督办提醒】甲局:1项逾期(8月24日)','','sent',0,1,'2026-08-24T01:00:00Z',NULL,'2026-08-27T01:00:00Z','2026-08-24T01:00:00Z','');
INSERT INTO "notice" VALUES(5,'reminder','a','2026-09-01','duban.1b5f69eef5f9c3b0d12a08e9@x.example','【督办提醒】甲局:1项逾期(9月1日)','','sent',0,1,'2026-09-01T01:00:00Z',NULL,'2026-09-04T01:00:00Z','2026-09-01T01:00:00Z','');
INSERT INTO "notice" VALUES(6,'reminder','b','2026-09-01','duban.98cfefaf3534d9b18ada98d9@x.example','【督办提醒】乙局:1项即将到期(9月1日)','','sent',0,1,'2026-09-01T01:00:00Z',NULL,'2026-09-04T01:00:00Z','2026-09-01T01:00:00Z','');
INSERT INTO "notice" VALUES(7,'escalation','boss','2026-09-01','duban.8b50d44bdc6bd2ecd60d78c5@x.example','【督办督促】市政府办公室:1项逾期未结(9月1日)','','sent',0,1,'2026-09-01T01:00:00Z',NULL,'2026-09-04T01:00:00Z','2026-09-01T01:00:00Z','');
INSERT INTO "notice" VALUES(8,'reminder','a','2026-09-08','duban.335594990f7d4842210272b9@x.example','【督办提醒】甲局:1项逾期(9月8日)','','sent',0,1,'2026-09-08T01:00:00Z',NULL,'2026-09-11T01:00:00Z','2026-09-08T01:00:00Z','');
INSERT INTO "notice" VALUES(9,'reminder','b','2026-09-08','duban.b8639ff7352293655c2be48f@x.example','【督办提醒】乙局:1项逾期(9月8日)','','sent',0,1,'2026-09-08T01:00:00Z',NULL,'2026-09-11T01:00:00Z','2026-09-08T01:00:00Z','');
INSERT INTO "notice" VALUES(10,'escalation','boss','2026-09-08','duban.2221349cfc2295703afa801c@x.example','【督办督促】市政府办公室:1项逾期未结(9月8日)','','sent',0,1,'2026-09-08T01:00:00Z',NULL,'2026-09-11T01:00:00Z','2026-09-08T01:00:00Z','');
INSERT INTO "notice" VALUES(11,'reminder','a','2026-09-15','duban.61496e1b6f3d425299f63cb4@x.example','【督办提醒】甲局:1项逾期,1项即将到期(9月15日)','','sent',0,1,'2026-09-15T01:00:00Z',NULL,'2026-09-18T01:00:00Z','2026-09-15T01:00:00Z','');
INSERT INTO "notice" VALUES(12,'reminder','b','2026-09-15','duban.46daf2bf444cc0d728e2fcdc@x.example','【督办提醒】乙局:1项逾期(9月15日)','','sent',0,1,'2026-09-15T01:00:00Z',NULL,'2026-09-18T01:00:00Z','2026-09-15T01:00:00Z','');
INSERT INTO "notice" VALUES(13,'escalation','boss','2026-09-15','duban.b1805d2904551981cdd80c3a@x.example','【督办督促】市政府办公室:2项逾期未结(9月15日)','','sent',0,1,'2026-09-15T01:00:00Z',NULL,'2026-09-18T01:00:00Z','2026-09-15T01:00:00Z','');
INSERT INTO "notice" VALUES(14,'reminder','a','2026-09-22','duban.6047797a58423622c3cf8592@x.example','【督办提醒】甲局:2项逾期(9月22日)','','sent',0,1,'2026-09-22T01:00:00Z',NULL,'2026-09-25T01:00:00Z','2026-09-22T01:00:00Z','');
INSERT INTO "notice" VALUES(15,'reminder','b','2026-09-22','duban.1c2ff7a31bca548861c7b734@x.example','【督办提醒】乙局:1项逾期(9月22日)','','sent',0,1,'2026-09-22T01:00:00Z',NULL,'2026-09-25T01:00:00Z','2026-09-22T01:00:00Z','');
INSERT INTO "notice" VALUES(16,'escalation','boss','2026-09-22','duban.81a60fea00beb7cff581af4f@x.example','【督办督促】市政府办公室:2项逾期未结(9月22日)','','sent',0,1,'2026-09-22T01:00:00Z',NULL,'2026-09-25T01:00:00Z','2026-09-22T01:00:00Z','');
INSERT INTO "notice" VALUES(17,'reminder','a','2026-09-29','duban.36610a9b88e3db6b750d5267@x.example','【督办提醒】甲局:2项逾期(9月29日)','','sent',0,1,'2026-09-29T01:00:00Z',NULL,'2026-10-02T01:00:00Z','2026-09-29T01:00:00Z','');
INSERT INTO "notice" VALUES(18,'reminder','b','2026-09-29','duban.1517c9a492238fcda6c09086@x.example','【督办提醒】乙局:1项逾期,1项即将到期(9月29日)','','sent',0,1,'2026-09-29T01:00:00Z',NULL,'2026-10-02T01:00:00Z','2026-09-29T01:00:00Z','');
INSERT INTO "notice" VALUES(19,'escalation','boss','2026-09-29','duban.57afe4cb3905febcf24f4682@x.example','【督办督促】市政府办公室:3项逾期未结(9月29日)','','sent',0,1,'2026-09-29T01:00:00Z',NULL,'2026-10-02T01:00:00Z','2026-09-29T01:00:00Z','');
INSERT INTO "notice" VALUES(20,'reminder','a','2026-10-08','duban.24309e5cb1081630a78350ed@x.example','【督办提醒】甲局:2项逾期,1项即将到期(10月8日)','','sent',0,1,'2026-10-08T01:00:00Z',NULL,'2026-10-11T01:00:00Z','2026-10-08T01:00:00Z','');
INSERT INTO "notice" VALUES(21,'reminder','b','2026-10-08','duban.b89112f45a13610666d5a976@x.example','【督办提醒】乙局:1项逾期(10月8日)','','sent',0,1,'2026-10-08T01:00:00Z',NULL,'2026-10-11T01:00:00Z','2026-10-08T01:00:00Z','');
INSERT INTO "notice" VALUES(22,'escalation','boss','2026-10-08','duban.dc0c31975ef4c55122cf9550@x.example','【督办督促】市政府办公室:3项逾期未结(10月8日)','','sent',0,1,'2026-10-08T01:00:00Z',NULL,'2026-10-11T01:00:00Z','2026-10-08T01:00:00Z','');
INSERT INTO "notice" VALUES(23,'reminder','a','2026-10-09','duban.d68baca8acbb47942366b8a1@x.example','【督办提醒】甲局:1项逾期(10月9日)','','sent',0,1,'2026-10-09T01:00:00Z',NULL,'2026-10-12T01:00:00Z','2026-10-09T01:00:00Z','');
INSERT INTO "notice" VALUES(24,'reminder','b','2026-10-09','duban.362979070760b8f9081f47c3@x.example','【督办提醒】乙局:1项逾期,1项即将到期(10月9日)','','sent',0,1,'2026-10-09T01:00:00Z',NULL,'2026-10-12T01:00:00Z','2026-10-09T01:00:00Z','');
INSERT INTO "notice" VALUES(25,'escalation','boss','2026-10-09','duban.47f19b7b90921cef12e4a1e3@x.example','【督办督促】市政府办公室:2项逾期未结(10月9日)','','sent',0,1,'2026-10-09T01:00:00Z',NULL,'2026-10-12T01:00:00Z','2026-10-09T01:00:00Z','');
INSERT INTO "notice" VALUES(26,'reminder','a','2026-10-12','duban.cd2af40255d1316d11e6eea3@x.example','【督办提醒】甲局:2项逾期(10月12日)','','sent',0,1,'2026-10-12T01:00:00Z',NULL,'2026-10-15T01:00:00Z','2026-10-12T01:00:00Z','');
INSERT INTO "notice" VALUES(27,'reminder','b','2026-10-12','duban.3880e9d1ba5ad23402dc3ce5@x.example','【督办提醒】乙局:1项逾期(10月12日)','','sent',0,1,'2026-10-12T01:00:00Z',NULL,'2026-10-15T01:00:00Z','2026-10-12T01:00:00Z','');
INSERT INTO "notice" VALUES(28,'escalation','boss','2026-10-12','duban.0b2e87dafdbd7e4b52f2e46f@x.example','【督办督促】市政府办公室:3项逾期未结(10月12日)','','sent',0,1,'2026-10-12T01:00:00Z',NULL,'2026-10-15T01:00:00Z','2026-10-12T01:00:00Z','');
INSERT INTO "notice" VALUES(29,'reminder','a','2026-10-20','duban.7cfc766685a49d43261b4d8b@x.example','【督办提醒】甲局:3项逾期,1项即将到期(10月20日)','','sent',0,1,'2026-10-20T01:00:00Z',NULL,'2026-10-23T01:00:00Z','2026-10-20T01:00:00Z','');
INSERT INTO "notice" VALUES(30,'reminder','b','2026-10-20','duban.f1888a51ab8cad313b5ee9b7@x.example','【督办提醒】乙局:2项逾期(10月20日)','','sent',0,1,'2026-10-20T01:00:00Z',NULL,'2026-10-23T01:00:00Z','2026-10-20T01:00:00Z','');
INSERT INTO "notice" VALUES(31,'escalation','boss','2026-10-20','duban.eac4f88e7e25e3a50420853b@x.example','【督办督促】市政府办公室:4项逾期未结(10月20日)','','sent',0,1,'2026-10-20T01:00:00Z',NULL,'2026-10-23T01:00:00Z','2026-10-20T01:00:00Z','');
INSERT INTO "notice" VALUES(32,'reminder','a','2026-10-21','duban.8d29732462abbb24f11ac0e6@x.example','【督办提醒】甲局:1项逾期(10月21日)','','sent',0,1,'2026-10-21T01:00:00Z',NULL,'2026-10-24T01:00:00Z','2026-10-21T01:00:00Z','');
INSERT INTO "notice" VALUES(33,'reminder','b','2026-10-21','duban.faeb37a1e6cd6b22f9f0fd6e@x.example','【督办提醒】乙局:1项即将到期(10月21日)','','sent',0,1,'2026-10-21T01:00:00Z',NULL,'2026-10-24T01:00:00Z','2026-10-21T01:00:00Z','');
INSERT INTO "notice" VALUES(34,'escalation','boss','2026-10-21','duban.1c632ae99251ef211068c365@x.example','【督办督促】市政府办公室:1项逾期未结(10月21日)','','sent',0,1,'2026-10-21T01:00:00Z',NULL,'2026-10-24T01:00:00Z','2026-10-21T01:00:00Z','');
INSERT INTO "notice" VALUES(35,'reminder','a','2026-10-22','duban.7141d732579ba244865c91cd@x.example','【督办提醒】甲局:1项即将到期(10月22日)','','sent',0,1,'2026-10-22T01:00:00Z',NULL,'2026-10-25T01:00:00Z','2026-10-22T01:00:00Z','');
INSERT INTO "notice" VALUES(36,'reminder','b','2026-10-22','duban.f99da9fc08f08ec0994af7dd@x.example','【督办提醒】乙局:2项逾期(10月22日)','','sent',0,1,'2026-10-22T01:00:00Z',NULL,'2026-10-25T01:00:00Z','2026-10-22T01:00:00Z','');
INSERT INTO "notice" VALUES(37,'escalation','boss','2026-10-22','duban.bc7b4292a04bac8a3a287c05@x.example','【督办督促】市政府办公室:2项逾期未结(10月22日)','','sent',0,1,'2026-10-22T01:00:00Z',NULL,'2026-10-25T01:00:00Z','2026-10-22T01:00:00Z','');
INSERT INTO "notice" VALUES(38,'reminder','a','2026-11-02','duban.f141b0a095c25bbd2f369f4c@x.example','【督办提醒】甲局:2项逾期,1项即将到期(11月2日)','','sent',0,1,'2026-11-02T01:00:00Z',NULL,'2026-11-05T01:00:00Z','2026-11-02T01:00:00Z','');
INSERT INTO "notice" VALUES(39,'reminder','b','2026-11-02','duban.7264ad8d0bdeea305a418a4f@x.example','【督办提醒】乙局:1项逾期(11月2日)','','sent',0,1,'2026-11-02T01:00:00Z',NULL,'2026-11-05T01:00:00Z','2026-11-02T01:00:00Z','');
INSERT INTO "notice" VALUES(40,'escalation','boss','2026-11-02','duban.5b5da45cea40e693e2c36270@x.example','【督办督促】市政府办公室:3项逾期未结(11月2日)','','sent',0,1,'2026-11-02T01:00:00Z',NULL,'2026-11-05T01:00:00Z','2026-11-02T01:00:00Z','');
INSERT INTO "notice" VALUES(41,'reminder','a','2026-11-09','duban.d1ff232cae76d3659cc65209@x.example','【督办提醒】甲局:1项今日到期,2项逾期(11月9日)','','sent',0,1,'2026-11-09T01:00:00Z',NULL,'2026-11-12T01:00:00Z','2026-11-09T01:00:00Z','');
INSERT INTO "notice" VALUES(42,'reminder','b','2026-11-09','duban.222486dd297108c962dc5f97@x.example','【督办提醒】乙局:2项逾期(11月9日)','','sent',0,1,'2026-11-09T01:00:00Z',NULL,'2026-11-12T01:00:00Z','2026-11-09T01:00:00Z','');
INSERT INTO "notice" VALUES(43,'escalation','boss','2026-11-09','duban.d4b86a88529d5f4fd975e1d7@x.example','【督办督促】市政府办公室:4项逾期未结(11月9日)','','sent',0,1,'2026-11-09T01:00:00Z',NULL,'2026-11-12T01:00:00Z','2026-11-09T01:00:00Z','');
INSERT INTO "notice" VALUES(44,'reminder','a','2026-11-16','duban.2ca0201cd06e3cca9fa048fb@x.example','【督办提醒】甲局:3项逾期,1项即将到期(11月16日)','','sent',0,1,'2026-11-16T01:00:00Z',NULL,'2026-11-19T01:00:00Z','2026-11-16T01:00:00Z','');
INSERT INTO "notice" VALUES(45,'reminder','b','2026-11-16','duban.4cd6bec78b35509f9682c8ed@x.example','【督办提醒】乙局:2项逾期,1项即将到期(11月16日)','','sent',0,1,'2026-11-16T01:00:00Z',NULL,'2026-11-19T01:00:00Z','2026-11-16T01:00:00Z','');
INSERT INTO "notice" VALUES(46,'escalation','boss','2026-11-16','duban.fba0df3397ec17e5a6604190@x.example','【督办督促】市政府办公室:5项逾期未结(11月16日)','','sent',0,1,'2026-11-16T01:00:00Z',NULL,'2026-11-19T01:00:00Z','2026-11-16T01:00:00Z','');
INSERT INTO "notice" VALUES(47,'reminder','a','2026-11-20','duban.bcb0cd2071002ceeda596dff@x.example','【督办提醒】甲局:1项今日到期,3项逾期(11月20日)','','sent',0,1,'2026-11-20T01:00:00Z',NULL,'2026-11-23T01:00:00Z','2026-11-20T01:00:00Z','');
INSERT INTO "notice" VALUES(48,'reminder','b','2026-11-20','duban.12d352d663f26b5bfdbbba71@x.example','【督办提醒】乙局:1项今日到期,2项逾期,1项即将到期(11月20日)','','sent',0,1,'2026-11-20T01:00:00Z',NULL,'2026-11-23T01:00:00Z','2026-11-20T01:00:00Z','');
INSERT INTO "notice" VALUES(49,'escalation','boss','2026-11-20','duban.25bf74bba3c2cbc9989c8cd9@x.example','【督办督促】市政府办公室:5项逾期未结(11月20日)','','sent',0,1,'2026-11-20T01:00:00Z',NULL,'2026-11-23T01:00:00Z','2026-11-20T01:00:00Z','');
CREATE TABLE notice_item (
    notice     INTEGER NOT NULL REFERENCES notice (id),
    position   INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    plan       TEXT NOT NULL,
    obligation TEXT NOT NULL,
    occurrence INTEGER REFERENCES occurrence (id),  -- none: an assignment of the obligation
    is_new     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (notice, position)
);
INSERT INTO "notice_item" VALUES(1,0,'upcoming','p','m',3,0);
INSERT INTO "notice_item" VALUES(2,0,'upcoming','p','m',3,0);
INSERT INTO "notice_item" VALUES(3,0,'due','p','m',3,0);
INSERT INTO "notice_item" VALUES(4,0,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(5,0,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(6,0,'upcoming','p','w',7,0);
INSERT INTO "notice_item" VALUES(7,0,'escalation','p','m',3,0);
INSERT INTO "notice_item" VALUES(8,0,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(9,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(10,0,'escalation','p','m',3,0);
INSERT INTO "notice_item" VALUES(11,0,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(11,1,'upcoming','p','m',4,0);
INSERT INTO "notice_item" VALUES(12,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(13,0,'escalation','p','m',3,0);
INSERT INTO "notice_item" VALUES(13,1,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(14,0,'overdue','p','m',4,0);
INSERT INTO "notice_item" VALUES(14,1,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(15,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(16,0,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(16,1,'escalation','p','m',3,0);
INSERT INTO "notice_item" VALUES(17,0,'overdue','p','m',4,0);
INSERT INTO "notice_item" VALUES(17,1,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(18,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(18,1,'upcoming','p','w',8,0);
INSERT INTO "notice_item" VALUES(19,0,'escalation','p','m',4,0);
INSERT INTO "notice_item" VALUES(19,1,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(19,2,'escalation','p','m',3,0);
INSERT INTO "notice_item" VALUES(20,0,'overdue','p','m',4,0);
INSERT INTO "notice_item" VALUES(20,1,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(20,2,'upcoming','p','e',10,0);
INSERT INTO "notice_item" VALUES(21,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(22,0,'escalation','p','m',4,0);
INSERT INTO "notice_item" VALUES(22,1,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(22,2,'escalation','p','m',3,0);
INSERT INTO "notice_item" VALUES(23,0,'overdue','p','m',4,0);
INSERT INTO "notice_item" VALUES(24,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(24,1,'upcoming','p','w',8,0);
INSERT INTO "notice_item" VALUES(25,0,'escalation','p','m',4,0);
INSERT INTO "notice_item" VALUES(25,1,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(26,0,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(26,1,'overdue','p','m',4,0);
INSERT INTO "notice_item" VALUES(27,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(28,0,'escalation','p','m',3,0);
INSERT INTO "notice_item" VALUES(28,1,'escalation','p','m',4,0);
INSERT INTO "notice_item" VALUES(28,2,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(29,0,'overdue','p','m',3,0);
INSERT INTO "notice_item" VALUES(29,1,'overdue','p','e',10,0);
INSERT INTO "notice_item" VALUES(29,2,'overdue','p','m',4,0);
INSERT INTO "notice_item" VALUES(29,3,'upcoming','p','m',11,0);
INSERT INTO "notice_item" VALUES(30,0,'overdue','p','w',8,0);
INSERT INTO "notice_item" VALUES(30,1,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(31,0,'escalation','p','m',3,0);
INSERT INTO "notice_item" VALUES(31,1,'escalation','p','w',8,0);
INSERT INTO "notice_item" VALUES(31,2,'escalation','p','m',4,0);
INSERT INTO "notice_item" VALUES(31,3,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(32,0,'overdue','p','e',10,0);
INSERT INTO "notice_item" VALUES(33,0,'upcoming','p','m',15,1);
INSERT INTO "notice_item" VALUES(34,0,'escalation','p','e',10,0);
INSERT INTO "notice_item" VALUES(35,0,'upcoming','p','m',11,1);
INSERT INTO "notice_item" VALUES(36,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(36,1,'overdue','p','w',8,0);
INSERT INTO "notice_item" VALUES(37,0,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(37,1,'escalation','p','w',8,0);
INSERT INTO "notice_item" VALUES(38,0,'overdue','p','e',10,0);
INSERT INTO "notice_item" VALUES(38,1,'overdue','p','m',11,0);
INSERT INTO "notice_item" VALUES(38,2,'upcoming','p','past',6,0);
INSERT INTO "notice_item" VALUES(39,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(40,0,'escalation','p','e',10,0);
INSERT INTO "notice_item" VALUES(40,1,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(40,2,'escalation','p','m',11,0);
INSERT INTO "notice_item" VALUES(41,0,'overdue','p','m',11,0);
INSERT INTO "notice_item" VALUES(41,1,'due','p','past',6,0);
INSERT INTO "notice_item" VALUES(41,2,'overdue','p','e',10,0);
INSERT INTO "notice_item" VALUES(42,0,'overdue','p','w',8,0);
INSERT INTO "notice_item" VALUES(42,1,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(43,0,'escalation','p','w',8,0);
INSERT INTO "notice_item" VALUES(43,1,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(43,2,'escalation','p','m',11,0);
INSERT INTO "notice_item" VALUES(43,3,'escalation','p','e',10,0);
INSERT INTO "notice_item" VALUES(44,0,'overdue','p','past',6,0);
INSERT INTO "notice_item" VALUES(44,1,'overdue','p','e',10,0);
INSERT INTO "notice_item" VALUES(44,2,'overdue','p','m',11,0);
INSERT INTO "notice_item" VALUES(44,3,'upcoming','p','m',13,0);
INSERT INTO "notice_item" VALUES(45,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(45,1,'overdue','p','w',8,0);
INSERT INTO "notice_item" VALUES(45,2,'upcoming','p','w',12,0);
INSERT INTO "notice_item" VALUES(46,0,'escalation','p','past',6,0);
INSERT INTO "notice_item" VALUES(46,1,'escalation','p','e',10,0);
INSERT INTO "notice_item" VALUES(46,2,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(46,3,'escalation','p','w',8,0);
INSERT INTO "notice_item" VALUES(46,4,'escalation','p','m',11,0);
INSERT INTO "notice_item" VALUES(47,0,'overdue','p','m',11,0);
INSERT INTO "notice_item" VALUES(47,1,'due','p','m',13,0);
INSERT INTO "notice_item" VALUES(47,2,'overdue','p','past',6,0);
INSERT INTO "notice_item" VALUES(47,3,'overdue','p','e',10,0);
INSERT INTO "notice_item" VALUES(48,0,'overdue','p','w',7,0);
INSERT INTO "notice_item" VALUES(48,1,'overdue','p','w',8,0);
INSERT INTO "notice_item" VALUES(48,2,'due','p','w',12,0);
INSERT INTO "notice_item" VALUES(48,3,'upcoming','p','mv',20,0);
INSERT INTO "notice_item" VALUES(49,0,'escalation','p','w',7,0);
INSERT INTO "notice_item" VALUES(49,1,'escalation','p','w',8,0);
INSERT INTO "notice_item" VALUES(49,2,'escalation','p','m',11,0);
INSERT INTO "notice_item" VALUES(49,3,'escalation','p','past',6,0);
INSERT INTO "notice_item" VALUES(49,4,'escalation','p','e',10,0);
CREATE TABLE occurrence (
    id            INTEGER PRIMARY KEY,
    plan          TEXT NOT NULL,
    obligation    TEXT NOT NULL,
    unit          TEXT NOT NULL,
    period        TEXT NOT NULL,
    rule          INTEGER NOT NULL REFERENCES rule (id),
    anchor        TEXT NOT NULL,
    first_due     TEXT NOT NULL,
    due           TEXT NOT NULL,
    provisional   INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'reported', 'closed', 'waived', 'cancelled')),
    extended      INTEGER NOT NULL DEFAULT 0,
    paused_on     TEXT,
    sequence      INTEGER NOT NULL DEFAULT 0,  -- rises when due moves (RFC 5545, 3.8.7.4)
    evidence      TEXT NOT NULL DEFAULT '',
    note          TEXT NOT NULL DEFAULT '',
    reason        TEXT NOT NULL DEFAULT '',    -- of the last return, waiver, extension …
    reported_by   TEXT NOT NULL DEFAULT '',
    reported_at   TEXT,
    closed_at     TEXT,
    event         INTEGER REFERENCES event (id),
    cause         INTEGER REFERENCES occurrence (id),
    told_through  TEXT,                        -- reminders up to this day have been told
    next_reminder TEXT,
    UNIQUE (plan, obligation, unit, period)
);
INSERT INTO "occurrence" VALUES(1,'p','ahead','a','2026-12-05',3,'2026-12-05','2026-12-07','2026-12-07',0,'open',0,NULL,0,'','','','',NULL,NULL,NULL,NULL,NULL,'2026-11-26');
INSERT INTO "occurrence" VALUES(2,'p','bad','b','2026-12-10',9,'2026-12-10','2026-12-10','12025-12-10',1,'open',1,NULL,1,'','','x','',NULL,NULL,NULL,NULL,NULL,'12025-12-01');
INSERT INTO "occurrence" VALUES(3,'p','m','a','2026-07',1,'2026-07-31','2026-08-21','2026-08-21',0,'cancelled',0,NULL,0,'','','no rule asks for it any more','',NULL,'2026-10-21T01:00:00Z',NULL,NULL,'2026-10-20',NULL);
INSERT INTO "occurrence" VALUES(4,'p','m','a','2026-08',1,'2026-08-31','2026-09-20','2026-09-20',0,'cancelled',0,NULL,0,'','','no rule asks for it any more','',NULL,'2026-10-21T01:00:00Z',NULL,NULL,'2026-10-20',NULL);
INSERT INTO "occurrence" VALUES(5,'p','mv','b','2026-11-27',12,'2026-11-27','2026-11-27','2026-12-20',0,'open',1,NULL,1,'','','later','',NULL,NULL,NULL,NULL,NULL,'2026-12-10');
INSERT INTO "occurrence" VALUES(6,'p','past','a','2026-11-07',2,'2026-11-07','2026-11-09','2026-11-09',0,'open',0,NULL,0,'','','','',NULL,NULL,NULL,NULL,'2026-11-20','2026-11-24');
INSERT INTO "occurrence" VALUES(7,'p','w','b','2026-08',11,'2026-08-31','2026-09-20','2026-09-20',0,'open',0,NULL,1,'','','','',NULL,NULL,NULL,NULL,'2026-11-20','2026-11-23');
INSERT INTO "occurrence" VALUES(8,'p','w','b','2026-09',4,'2026-09-30','2026-10-13','2026-10-13',0,'open',0,NULL,0,'','','','root',NULL,NULL,NULL,NULL,'2026-11-20','2026-11-23');
INSERT INTO "occurrence" VALUES(9,'p','yearend','b','2026-12-30',8,'2026-12-30','2026-12-30','2026-12-30',0,'open',0,NULL,0,'','','','',NULL,NULL,NULL,NULL,NULL,'2026-12-21');
INSERT INTO "occurrence" VALUES(10,'p','e','a','paused',5,'2026-08-20','2026-10-16','2026-10-16',0,'open',0,NULL,1,'','','','',NULL,NULL,1,NULL,'2026-11-20','2026-11-24');
INSERT INTO "occurrence" VALUES(11,'p','m','a','2026-09',1,'2026-09-30','2026-10-27','2026-10-27',0,'open',0,NULL,0,'','','no rule asks for it any more','',NULL,NULL,NULL,NULL,'2026-11-20','2026-11-23');
INSERT INTO "occurrence" VALUES(12,'p','w','b','2026-10',11,'2026-10-31','2026-11-20','2026-11-20',0,'open',0,NULL,1,'','','','',NULL,NULL,NULL,NULL,'2026-11-20','2026-11-23');
INSERT INTO "occurrence" VALUES(13,'p','m','a','2026-10',1,'2026-10-31','2026-11-20','2026-11-20',0,'open',0,NULL,0,'','','no rule asks for it any more','',NULL,NULL,NULL,NULL,'2026-11-20','2026-11-23');
INSERT INTO "occurrence" VALUES(14,'p','w','b','2026-11',11,'2026-11-30','2026-12-21','2026-12-21',0,'open',0,NULL,1,'','','','',NULL,NULL,NULL,NULL,NULL,'2026-12-10');
INSERT INTO "occurrence" VALUES(15,'p','m','b','2026-09',10,'2026-09-30','2026-10-27','2026-10-27',0,'cancelled',0,NULL,0,'','','no rule asks for it any more','',NULL,'2026-10-22T01:00:00Z',NULL,NULL,'2026-10-21',NULL);
INSERT INTO "occurrence" VALUES(16,'p','m','b','2026-10',10,'2026-10-31','2026-11-20','2026-11-20',0,'cancelled',0,NULL,0,'','','no rule asks for it any more','',NULL,'2026-10-22T01:00:00Z',NULL,NULL,NULL,NULL);
INSERT INTO "occurrence" VALUES(17,'p','e','a','gone',5,'2026-10-09','2026-11-23','2026-11-23',0,'closed',0,NULL,0,'','','','root','2026-10-19T09:30:00Z','2026-10-19T09:30:00Z',2,NULL,NULL,NULL);
INSERT INTO "occurrence" VALUES(18,'p','s','a','gone',6,'2026-10-19','2026-12-18','2026-12-18',0,'open',0,NULL,0,'','','','',NULL,NULL,NULL,17,NULL,'2026-12-09');
INSERT INTO "occurrence" VALUES(19,'p','m','a','2026-11',1,'2026-11-30','2026-12-21','2026-12-21',0,'open',0,NULL,0,'','','','',NULL,NULL,NULL,NULL,NULL,'2026-12-10');
INSERT INTO "occurrence" VALUES(20,'p','mv','b','2026-12-01',12,'2026-12-01','2026-12-01','2026-12-01',0,'open',0,NULL,0,'','','','',NULL,NULL,NULL,NULL,'2026-11-20','2026-11-26');
INSERT INTO "occurrence" VALUES(21,'p','past','a','2027-11-07',2,'2027-11-07','2027-11-08','2027-11-08',1,'open',0,NULL,0,'','','','',NULL,NULL,NULL,NULL,NULL,'2027-10-28');
CREATE TABLE pause (
    occurrence INTEGER NOT NULL REFERENCES occurrence (id),
    from_day   TEXT NOT NULL,
    to_day     TEXT,
    reason     TEXT NOT NULL,
    PRIMARY KEY (occurrence, from_day)
);
INSERT INTO "pause" VALUES(10,'2026-08-21','2026-08-29','');
CREATE TABLE plan (
    id         TEXT PRIMARY KEY,
    signature  TEXT NOT NULL,            -- of the rules and the calendar last adopted
    first_seen TEXT NOT NULL,
    retired_at TEXT
);
INSERT INTO "plan" VALUES('p','acb1510e0066620e/3545b978856e7716','2026-08-17T01:00:00Z',NULL);
CREATE TABLE recipient (
    notice  INTEGER NOT NULL REFERENCES notice (id),
    address TEXT NOT NULL,
    copy    INTEGER NOT NULL,                  -- 1: Cc
    state   TEXT NOT NULL,                     -- pending, sent, failed
    error   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (notice, address)
);
INSERT INTO "recipient" VALUES(1,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(2,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(3,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(4,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(5,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(6,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(7,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(8,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(9,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(10,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(11,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(12,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(13,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(14,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(15,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(16,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(17,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(18,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(19,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(20,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(21,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(22,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(23,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(24,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(25,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(26,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(27,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(28,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(29,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(30,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(31,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(32,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(33,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(34,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(35,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(36,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(37,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(38,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(39,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(40,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(41,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(42,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(43,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(44,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(45,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(46,'boss@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(47,'a@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(48,'b@x.example',0,'sent','');
INSERT INTO "recipient" VALUES(49,'boss@x.example',0,'sent','');
CREATE TABLE request (
    id         INTEGER PRIMARY KEY,
    occurrence INTEGER NOT NULL REFERENCES occurrence (id),
    kind       TEXT NOT NULL CHECK (kind IN ('extension', 'not-ours')),
    to_day     TEXT,                           -- of an extension: the due date asked for
    reason     TEXT NOT NULL,
    asked_by   TEXT NOT NULL,
    asked_at   TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'granted', 'refused')),
    answer     TEXT NOT NULL DEFAULT '',
    decided_by TEXT NOT NULL DEFAULT '',
    decided_at TEXT
);
CREATE TABLE rule (
    id          INTEGER PRIMARY KEY,
    plan        TEXT NOT NULL,
    obligation  TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    ref         TEXT NOT NULL,
    title       TEXT NOT NULL,
    title_en    TEXT NOT NULL,
    basis       TEXT NOT NULL,
    source      TEXT NOT NULL,
    seen_at     TEXT NOT NULL,
    UNIQUE (plan, obligation, fingerprint)
);
INSERT INTO "rule" VALUES(1,'p','m','1022a232b0bfb94a','','每月','','assumed','[[obligation]]
id = "m"
title = "每月"
units = ["a"]
every = "month"
within = "15 working days"
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(2,'p','past','ac0cd4d80979b98e','','同日到期','','assumed','[[obligation]]
id = "past"
title = "同日到期"
units = ["a"]
cron = "0 0 7,8 11 *"
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(3,'p','ahead','9ee125a230b73223','','同日到期','','assumed','[[obligation]]
id = "ahead"
title = "同日到期"
units = ["a"]
cron = "0 0 5,6 12 *"
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(4,'p','w','943bb7d7ebdb6a0e','','缩短','','assumed','[[obligation]]
id = "w"
title = "缩短"
units = ["b"]
every = "month"
within = "5 working days"
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(5,'p','e','c81594441ef2715f','','办理','','assumed','[[obligation]]
id = "e"
title = "办理"
units = ["a"]
event = "asked"
within = "45 days"
pausable = true
extendable = "60 days"
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(6,'p','s','564f20b3a78f736d','','下一步','','assumed','[[obligation]]
id = "s"
title = "下一步"
units = ["a"]
after = "e"
within = "60 days"
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(7,'p','mv','0741dbeb47ac620f','','移动','','assumed','[[obligation]]
id = "mv"
title = "移动"
units = ["b"]
on = 2026-11-27
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(8,'p','yearend','69dbddf93fdb52d5','','年底','','assumed','[[obligation]]
id = "yearend"
title = "年底"
units = ["b"]
on = 2026-12-30
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(9,'p','bad','2b90e9f2baf2533c','','日期','','assumed','[[obligation]]
id = "bad"
title = "日期"
units = ["b"]
on = 2026-12-10
policy = "standard"','2026-08-17T01:00:00Z');
INSERT INTO "rule" VALUES(10,'p','m','d29caf43ef84aa99','','每月','','assumed','[[obligation]]
id = "m"
title = "每月"
units = ["b"]
every = "month"
within = "15 working days"
policy = "standard"','2026-10-21T01:00:00Z');
INSERT INTO "rule" VALUES(11,'p','w','d4de5eb1393d7554','','缩短','','assumed','[[obligation]]
id = "w"
title = "缩短"
units = ["b"]
every = "month"
within = "15 working days"
policy = "standard"','2026-11-02T01:00:00Z');
INSERT INTO "rule" VALUES(12,'p','mv','deb552374d3d3420','','移动','','assumed','[[obligation]]
id = "mv"
title = "移动"
units = ["b"]
on = 2026-12-01
policy = "standard"','2026-11-02T01:00:00Z');
CREATE TABLE session (
    token      TEXT PRIMARY KEY,               -- a hash of what the browser holds
    data       BLOB NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX duty_untold ON duty (unit) WHERE told = 0;
CREATE INDEX duty_wake ON duty (wake) WHERE wake IS NOT NULL;
CREATE INDEX occurrence_next ON occurrence (next_reminder) WHERE next_reminder IS NOT NULL;
CREATE INDEX occurrence_unit ON occurrence (unit, state, next_reminder);
CREATE INDEX occurrence_event ON occurrence (event) WHERE event IS NOT NULL;
CREATE INDEX occurrence_cause ON occurrence (cause) WHERE cause IS NOT NULL;
CREATE INDEX notice_due ON notice (state, next_attempt);
CREATE INDEX notice_unit ON notice (unit, day);
CREATE INDEX notice_pending ON notice (unit) WHERE state = 'pending';
CREATE INDEX notice_item_occurrence ON notice_item (occurrence) WHERE occurrence IS NOT NULL;
CREATE INDEX attempt_outcome ON attempt (outcome, at);
CREATE INDEX journal_subject ON journal (subject);
CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE INDEX session_expiry ON session (expires_at);
CREATE UNIQUE INDEX request_open ON request (occurrence, kind) WHERE state = 'open';
CREATE INDEX request_occurrence ON request (occurrence);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('goose_db_version',4);
INSERT INTO "sqlite_sequence" VALUES('notice',49);
COMMIT;
