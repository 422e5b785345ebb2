BEGIN TRANSACTION;
CREATE TABLE adjudication_projects (
	round VARCHAR NOT NULL, 
	adjudicator VARCHAR NOT NULL, 
	server VARCHAR NOT NULL, 
	project INTEGER NOT NULL, 
	PRIMARY KEY (round, adjudicator)
);
CREATE TABLE adjudications (
	round VARCHAR NOT NULL, 
	span VARCHAR NOT NULL, 
	variable VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	confidence FLOAT, 
	made_at VARCHAR, 
	codebook_version VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (round, span, variable), 
	FOREIGN KEY(span) REFERENCES spans (id)
);
INSERT INTO "adjudications" VALUES('','04012433d891-ed215215:mention:19-28','wording','plain','eva','',0.75,'2024-04-02T10:00:00+00:00','1','c50416af5a43ae96');
CREATE TABLE annotations (
	span VARCHAR NOT NULL, 
	variable VARCHAR NOT NULL, 
	coder VARCHAR NOT NULL, 
	round VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	arm VARCHAR NOT NULL, 
	codebook_version VARCHAR NOT NULL, 
	made_at VARCHAR, 
	memo TEXT NOT NULL, 
	seconds FLOAT, 
	simulated BOOLEAN NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (span, variable, coder, round), 
	FOREIGN KEY(span) REFERENCES spans (id)
);
INSERT INTO "annotations" VALUES('04012433d891-ed215215:mention:19-28','wording','mira','','plain','blind','1','2024-04-01T10:00:00+00:00','é',2.5,0,'b5a5a75e3ea5ccaa');
INSERT INTO "annotations" VALUES('3f5efe3766eb-d9423f50:mention:19-28','wording','mira','','liberation','blind','1','2024-04-01T10:00:00+00:00','',2.5,0,'f929bd3fefc37dcb');
INSERT INTO "annotations" VALUES('3f5efe3766eb-d9423f50:mention:45-49','wording','mira','','plain','blind','1','2024-04-01T10:00:00+00:00','',2.5,0,'7569a99264c4d79a');
INSERT INTO "annotations" VALUES('04012433d891-ed215215:mention:19-28','wording','tom','','liberation','blind','1','2024-04-01T10:00:00+00:00','é',2.5,0,'1c32b929b003d069');
INSERT INTO "annotations" VALUES('3f5efe3766eb-d9423f50:mention:19-28','wording','tom','','liberation','blind','1','2024-04-01T10:00:00+00:00','',2.5,0,'d7303f146da9d707');
INSERT INTO "annotations" VALUES('3f5efe3766eb-d9423f50:mention:45-49','wording','tom','','plain','blind','1','2024-04-01T10:00:00+00:00','',2.5,0,'3a2db301b428c6a5');
CREATE TABLE articles (
	id VARCHAR NOT NULL, 
	outlet VARCHAR NOT NULL, 
	"key" TEXT NOT NULL, 
	title TEXT, 
	published VARCHAR(10), 
	language VARCHAR, 
	url TEXT, 
	rights TEXT, 
	event VARCHAR, 
	originator TEXT, 
	copy_group VARCHAR, 
	metadata TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(outlet) REFERENCES outlets (name)
);
INSERT INTO "articles" VALUES('59ecdf028d37','Herald','h0','Report 0','2024-03-01','en',NULL,NULL,NULL,NULL,'59ecdf028d37','{}');
INSERT INTO "articles" VALUES('04012433d891','Herald','h1','Report 1','2024-03-02','en',NULL,NULL,NULL,NULL,'04012433d891','{}');
INSERT INTO "articles" VALUES('62e0c74a951c','Herald','h2','Report 2','2024-03-03','en',NULL,NULL,NULL,NULL,'62e0c74a951c','{}');
INSERT INTO "articles" VALUES('8732254542b9','Herald','h3','Report 3','2024-03-04','en',NULL,NULL,NULL,NULL,'8732254542b9','{}');
INSERT INTO "articles" VALUES('3f5efe3766eb','Courier','h4','Report 4','2024-03-05','en',NULL,NULL,NULL,NULL,'3f5efe3766eb','{}');
CREATE TABLE assignments (
	round VARCHAR NOT NULL, 
	span VARCHAR NOT NULL, 
	coder VARCHAR NOT NULL, 
	arm VARCHAR NOT NULL, 
	probability FLOAT NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (round, span, coder), 
	FOREIGN KEY(round) REFERENCES rounds (name), 
	FOREIGN KEY(span) REFERENCES spans (id)
);
INSERT INTO "assignments" VALUES('pilot','59ecdf028d37-867d4dc9:mention:17-21','mira','blind',1.0,'be2de2bcfae8d93a');
INSERT INTO "assignments" VALUES('pilot','62e0c74a951c-b626e7cf:mention:26-30','mira','blind',1.0,'fe5e2b81f0bb02b9');
INSERT INTO "assignments" VALUES('pilot','59ecdf028d37-867d4dc9:mention:17-21','tom','blind',1.0,'7c83b5c5aa95c42f');
INSERT INTO "assignments" VALUES('pilot','62e0c74a951c-b626e7cf:mention:26-30','tom','blind',1.0,'5adf670b44e6e06a');
CREATE TABLE cut_texts (
	article VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (article), 
	FOREIGN KEY(article) REFERENCES articles (id)
);
CREATE TABLE draws (
	round VARCHAR NOT NULL, 
	span VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	pi FLOAT NOT NULL, 
	stratum VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (round, span), 
	FOREIGN KEY(round) REFERENCES rounds (name)
);
INSERT INTO "draws" VALUES('pilot','59ecdf028d37-867d4dc9:mention:17-21',0,1.0,'','a215733edf4aa3ff');
INSERT INTO "draws" VALUES('pilot','62e0c74a951c-b626e7cf:mention:26-30',1,1.0,'','0f6bdf3568edda47');
CREATE TABLE event_assignments (
	article VARCHAR NOT NULL, 
	event VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	PRIMARY KEY (article), 
	FOREIGN KEY(article) REFERENCES articles (id)
);
CREATE TABLE events (
	id VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	place TEXT NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	gained TEXT, 
	title TEXT, 
	PRIMARY KEY (id)
);
CREATE TABLE excluded_passages (
	revision VARCHAR NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	why VARCHAR NOT NULL, 
	PRIMARY KEY (revision, start, "end"), 
	FOREIGN KEY(revision) REFERENCES revisions (id)
);
CREATE TABLE feed_entries (
	id VARCHAR NOT NULL, 
	feed TEXT NOT NULL, 
	url TEXT, 
	stamp VARCHAR NOT NULL, 
	content TEXT NOT NULL, 
	state VARCHAR NOT NULL, 
	why TEXT, 
	tries INTEGER NOT NULL, 
	article VARCHAR, next_try VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(feed) REFERENCES feeds (url), 
	FOREIGN KEY(article) REFERENCES articles (id)
);
INSERT INTO "feed_entries" VALUES('e1','https://herald.example/rss','https://herald.example/1','s','{}','pending',NULL,2,NULL,NULL);
CREATE TABLE feed_hosts (
	origin TEXT NOT NULL, 
	robots TEXT NOT NULL, 
	robots_until FLOAT NOT NULL, 
	rest_until FLOAT NOT NULL, 
	PRIMARY KEY (origin)
);
CREATE TABLE feeds (
	url TEXT NOT NULL, 
	outlet VARCHAR NOT NULL, 
	title TEXT, 
	moved TEXT, 
	headers TEXT NOT NULL, 
	listed INTEGER NOT NULL, 
	checked_at VARCHAR, 
	why TEXT, 
	PRIMARY KEY (url), 
	FOREIGN KEY(outlet) REFERENCES outlets (name)
);
INSERT INTO "feeds" VALUES('https://herald.example/rss','Herald','Herald',NULL,'{}',1,NULL,NULL);
CREATE TABLE furniture_decisions (
	outlet VARCHAR NOT NULL, 
	digest BIGINT NOT NULL, 
	kind VARCHAR NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (outlet, digest), 
	FOREIGN KEY(outlet) REFERENCES outlets (name)
);
CREATE TABLE log (
	id INTEGER NOT NULL, 
	at VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	command VARCHAR NOT NULL, 
	arguments TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "log" VALUES(1,'2026-11-27T23:45:42+00:00','0.1.0','upgrade','{"version": 4}','{"renumbered": 0}');
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema','5');
INSERT INTO "meta" VALUES('codebook 1','name: valley
version: "1"
unit: mention
mention:
  terms: [took, liberat*]
variables:
  - name: wording
    question: Which wording?
    codes: [{name: plain}, {name: liberation}]
');
INSERT INTO "meta" VALUES('copies','1');
INSERT INTO "meta" VALUES('splitter','1 liberat* | took');
CREATE TABLE outcomes (
	round VARCHAR NOT NULL, 
	span VARCHAR NOT NULL, 
	coder VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	memo TEXT NOT NULL, 
	seconds FLOAT, 
	at VARCHAR, 
	PRIMARY KEY (round, span, coder), 
	FOREIGN KEY(round) REFERENCES rounds (name), 
	FOREIGN KEY(span) REFERENCES spans (id)
);
CREATE TABLE outlets (
	name VARCHAR NOT NULL, 
	country VARCHAR, 
	PRIMARY KEY (name)
);
INSERT INTO "outlets" VALUES('Herald',NULL);
INSERT INTO "outlets" VALUES('Courier',NULL);
CREATE TABLE pages (
	id VARCHAR NOT NULL, 
	url TEXT NOT NULL, 
	final TEXT NOT NULL, 
	digest VARCHAR NOT NULL, 
	headers TEXT NOT NULL, 
	fetched_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE paragraph_counts (
	outlet VARCHAR NOT NULL, 
	digest BIGINT NOT NULL, 
	articles INTEGER NOT NULL, 
	PRIMARY KEY (outlet, digest), 
	FOREIGN KEY(outlet) REFERENCES outlets (name)
)
 WITHOUT ROWID

;
INSERT INTO "paragraph_counts" VALUES('Courier',-7591088239484554353,1);
INSERT INTO "paragraph_counts" VALUES('Courier',-1404037386083178895,1);
INSERT INTO "paragraph_counts" VALUES('Courier',7104915692710797564,1);
INSERT INTO "paragraph_counts" VALUES('Herald',-9033744921101770435,1);
INSERT INTO "paragraph_counts" VALUES('Herald',-7749203041670900579,1);
INSERT INTO "paragraph_counts" VALUES('Herald',-7591088239484554353,4);
INSERT INTO "paragraph_counts" VALUES('Herald',-6523660707744662652,1);
INSERT INTO "paragraph_counts" VALUES('Herald',-4400584511546403121,1);
INSERT INTO "paragraph_counts" VALUES('Herald',-190881820572158372,1);
INSERT INTO "paragraph_counts" VALUES('Herald',766325654155219995,1);
INSERT INTO "paragraph_counts" VALUES('Herald',1296523333161753602,1);
INSERT INTO "paragraph_counts" VALUES('Herald',5887681298311823957,1);
CREATE TABLE paragraph_overrides (
	revision VARCHAR NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	PRIMARY KEY (revision, start, "end"), 
	FOREIGN KEY(revision) REFERENCES revisions (id)
);
CREATE TABLE paragraph_owners (
	outlet VARCHAR NOT NULL, 
	digest BIGINT NOT NULL, 
	article VARCHAR NOT NULL, 
	PRIMARY KEY (outlet, digest, article), 
	FOREIGN KEY(outlet) REFERENCES outlets (name), 
	FOREIGN KEY(article) REFERENCES articles (id)
)
 WITHOUT ROWID

;
INSERT INTO "paragraph_owners" VALUES('Courier',-7591088239484554353,'3f5efe3766eb');
INSERT INTO "paragraph_owners" VALUES('Courier',-1404037386083178895,'3f5efe3766eb');
INSERT INTO "paragraph_owners" VALUES('Courier',7104915692710797564,'3f5efe3766eb');
INSERT INTO "paragraph_owners" VALUES('Herald',-9033744921101770435,'04012433d891');
INSERT INTO "paragraph_owners" VALUES('Herald',-7749203041670900579,'59ecdf028d37');
INSERT INTO "paragraph_owners" VALUES('Herald',-7591088239484554353,'04012433d891');
INSERT INTO "paragraph_owners" VALUES('Herald',-7591088239484554353,'59ecdf028d37');
INSERT INTO "paragraph_owners" VALUES('Herald',-6523660707744662652,'8732254542b9');
INSERT INTO "paragraph_owners" VALUES('Herald',-4400584511546403121,'62e0c74a951c');
INSERT INTO "paragraph_owners" VALUES('Herald',-190881820572158372,'04012433d891');
INSERT INTO "paragraph_owners" VALUES('Herald',766325654155219995,'59ecdf028d37');
INSERT INTO "paragraph_owners" VALUES('Herald',1296523333161753602,'8732254542b9');
INSERT INTO "paragraph_owners" VALUES('Herald',5887681298311823957,'62e0c74a951c');
CREATE TABLE pending_revisions (
	work VARCHAR NOT NULL, 
	revision VARCHAR NOT NULL, 
	PRIMARY KEY (work, revision), 
	FOREIGN KEY(revision) REFERENCES revisions (id)
);
INSERT INTO "pending_revisions" VALUES('score','04012433d891-ed215215');
INSERT INTO "pending_revisions" VALUES('score','3f5efe3766eb-d9423f50');
INSERT INTO "pending_revisions" VALUES('score','59ecdf028d37-867d4dc9');
INSERT INTO "pending_revisions" VALUES('score','62e0c74a951c-b626e7cf');
INSERT INTO "pending_revisions" VALUES('score','8732254542b9-3d866a60');
INSERT INTO "pending_revisions" VALUES('split','04012433d891-ed215215');
INSERT INTO "pending_revisions" VALUES('split','59ecdf028d37-867d4dc9');
INSERT INTO "pending_revisions" VALUES('split','59ecdf028d37-358eb70e');
CREATE TABLE raw_annotations (
	span VARCHAR NOT NULL, 
	variable VARCHAR NOT NULL, 
	coder VARCHAR NOT NULL, 
	round VARCHAR NOT NULL, 
	codebook_version VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	arm VARCHAR NOT NULL, 
	made_at VARCHAR, 
	memo TEXT NOT NULL, 
	seconds FLOAT, 
	simulated BOOLEAN NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (span, variable, coder, round, codebook_version), 
	FOREIGN KEY(span) REFERENCES spans (id)
);
CREATE TABLE removals (
	id INTEGER NOT NULL, 
	at VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	outlet VARCHAR, 
	revisions TEXT NOT NULL, 
	removed TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE revisions (
	id VARCHAR NOT NULL, 
	article VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	digest VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	published VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(article) REFERENCES articles (id)
);
INSERT INTO "revisions" VALUES('59ecdf028d37-867d4dc9','59ecdf028d37',0,'Report 0

Troops took Velo at dawn on Monday, the ministry said in a statement.

Subscribe to our newsletter for the latest news from the whole valley.','867d4dc907e42313d14b3f18be6b1ccede6a0ebfd3dbfc59be1bf3d2062b4ab0','published','2024-03-01');
INSERT INTO "revisions" VALUES('04012433d891-ed215215','04012433d891',0,'Report 1

The army liberated Karsk after a week of fighting in the hills.

Subscribe to our newsletter for the latest news from the whole valley.','ed2152156739f40d0eb182b12194bda7f8fcb72db5346a3fd360dc4a51c47d99','published','2024-03-02');
INSERT INTO "revisions" VALUES('62e0c74a951c-b626e7cf','62e0c74a951c',0,'Report 2

Northern forces took the bridge at Ardun and lost it again by night.

Subscribe to our newsletter for the latest news from the whole valley.','b626e7cf30e32f13710e2f778fb0e5e17accc16b61e468a634633a654e3fbe9f','published','2024-03-03');
INSERT INTO "revisions" VALUES('8732254542b9-3d866a60','8732254542b9',0,'Report 3

Rain fell in the south of the valley until the weekend was over.

Subscribe to our newsletter for the latest news from the whole valley.','3d866a60130b41a0836c4c8fc6ce9a3e4084134aaa11c2ca119f3a6638ef5781','published','2024-03-04');
INSERT INTO "revisions" VALUES('3f5efe3766eb-d9423f50','3f5efe3766eb',0,'Report 4

Militias liberated the station and took the mill beside it on Friday.

Subscribe to our newsletter for the latest news from the whole valley.','d9423f506194f2e43bce16c81f9e9ae5143de60f69a20550bfde6023cb16a73b','published','2024-03-05');
INSERT INTO "revisions" VALUES('59ecdf028d37-358eb70e','59ecdf028d37',1,'Report 0

Troops took Velo at dawn on Tuesday, the ministry said in a statement.

Subscribe to our newsletter for the latest news from the whole valley.','358eb70e9abc22d3e1aa9b7efbdce269a001511358f6bb3ccc751562f3830820','edited','2024-03-01');
CREATE TABLE round_designs (
	round VARCHAR NOT NULL, 
	design TEXT NOT NULL, 
	strata TEXT NOT NULL, 
	model VARCHAR, 
	beside VARCHAR NOT NULL, 
	pi TEXT NOT NULL, 
	closed TEXT NOT NULL, 
	PRIMARY KEY (round), 
	FOREIGN KEY(round) REFERENCES rounds (name)
);
INSERT INTO "round_designs" VALUES('pilot','{"by": [], "allocation": "proportional", "least": 1, "spread": false, "once_per_copy_group": false, "uniform": null, "overlap": 1.0, "overlap_by": "all", "cap": null, "assisted": 0.0, "layout": "unit", "no_term": 0.0}','{"": [2, 2]}',NULL,'','[1.0, 1.0]','{}');
CREATE TABLE round_suggestions (
	round VARCHAR NOT NULL, 
	span VARCHAR NOT NULL, 
	variable VARCHAR NOT NULL, 
	model VARCHAR NOT NULL, 
	fold VARCHAR NOT NULL, 
	probabilities TEXT NOT NULL, 
	PRIMARY KEY (round, span, variable), 
	FOREIGN KEY(round) REFERENCES rounds (name), 
	FOREIGN KEY(span) REFERENCES spans (id)
);
CREATE TABLE rounds (
	name VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	layout VARCHAR NOT NULL, 
	codebook_version VARCHAR NOT NULL, 
	assisted FLOAT NOT NULL, 
	seed INTEGER NOT NULL, 
	made_at VARCHAR NOT NULL, 
	frame TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "rounds" VALUES('pilot','pilot','unit','1',0.0,1,'2026-11-27T16:45:00.715+00:00','["59ecdf028d37-867d4dc9:mention:17-21", "62e0c74a951c-b626e7cf:mention:26-30"]');
CREATE TABLE row_sums (
	"table" VARCHAR NOT NULL, 
	part INTEGER NOT NULL, 
	rows INTEGER NOT NULL, 
	sum BIGINT NOT NULL, 
	PRIMARY KEY ("table", part)
);
INSERT INTO "row_sums" VALUES('log',54,1,-3439288824228341092);
INSERT INTO "row_sums" VALUES('meta',3,1,146131367318414125);
INSERT INTO "row_sums" VALUES('meta',8,1,988042755626915262);
INSERT INTO "row_sums" VALUES('meta',28,1,2019249836671801092);
INSERT INTO "row_sums" VALUES('meta',52,1,5748260215089202877);
INSERT INTO "row_sums" VALUES('outlets',11,1,5142439886141555026);
INSERT INTO "row_sums" VALUES('outlets',45,1,-5778694023140872067);
INSERT INTO "row_sums" VALUES('rounds',51,1,-5521005353975941167);
INSERT INTO "row_sums" VALUES('tallies',10,1,1023941626187604023);
INSERT INTO "row_sums" VALUES('tallies',11,1,8543944313474160543);
INSERT INTO "row_sums" VALUES('tallies',16,1,-471362897643029857);
INSERT INTO "row_sums" VALUES('tallies',21,1,8398926452113546872);
INSERT INTO "row_sums" VALUES('tallies',25,1,6513985152427222130);
INSERT INTO "row_sums" VALUES('tallies',29,1,4488856732417185755);
INSERT INTO "row_sums" VALUES('tallies',36,1,-7996672833895329098);
INSERT INTO "row_sums" VALUES('tallies',61,1,506194700109975450);
INSERT INTO "row_sums" VALUES('tallies',63,2,8038886098250272207);
INSERT INTO "row_sums" VALUES('articles',1,1,5974054342692980075);
INSERT INTO "row_sums" VALUES('articles',4,1,4014303636280270588);
INSERT INTO "row_sums" VALUES('articles',15,1,-784523696818349043);
INSERT INTO "row_sums" VALUES('articles',36,1,-7453947129982044799);
INSERT INTO "row_sums" VALUES('articles',57,1,5269619530448174878);
INSERT INTO "row_sums" VALUES('draws',8,1,8210785959780275657);
INSERT INTO "row_sums" VALUES('draws',60,1,665880612193098648);
INSERT INTO "row_sums" VALUES('feeds',4,1,1619561744338996506);
INSERT INTO "row_sums" VALUES('paragraph_counts',5,2,1544863714347819134);
INSERT INTO "row_sums" VALUES('paragraph_counts',6,2,7510562061182251591);
INSERT INTO "row_sums" VALUES('paragraph_counts',7,1,5436989417588535219);
INSERT INTO "row_sums" VALUES('paragraph_counts',8,1,-8161122012339572618);
INSERT INTO "row_sums" VALUES('paragraph_counts',25,1,6419364534874132556);
INSERT INTO "row_sums" VALUES('paragraph_counts',26,1,6992433208758182500);
INSERT INTO "row_sums" VALUES('paragraph_counts',34,1,7963891024824482273);
INSERT INTO "row_sums" VALUES('paragraph_counts',42,1,5106264438791871050);
INSERT INTO "row_sums" VALUES('paragraph_counts',47,1,-8168817222275763072);
INSERT INTO "row_sums" VALUES('paragraph_counts',56,1,-8565969840671209272);
INSERT INTO "row_sums" VALUES('round_designs',51,1,5724449442934307263);
INSERT INTO "row_sums" VALUES('feed_entries',27,1,-3660860093412645436);
INSERT INTO "row_sums" VALUES('paragraph_owners',0,1,7568409143127732160);
INSERT INTO "row_sums" VALUES('paragraph_owners',4,1,-2987214395937301116);
INSERT INTO "row_sums" VALUES('paragraph_owners',15,1,1831020287467390735);
INSERT INTO "row_sums" VALUES('paragraph_owners',19,1,1649902688902952147);
INSERT INTO "row_sums" VALUES('paragraph_owners',26,1,1265810510219395034);
INSERT INTO "row_sums" VALUES('paragraph_owners',32,1,8482291339373800032);
INSERT INTO "row_sums" VALUES('paragraph_owners',35,1,-6602517962547362845);
INSERT INTO "row_sums" VALUES('paragraph_owners',41,1,8614784351276663401);
INSERT INTO "row_sums" VALUES('paragraph_owners',44,1,-8128092468448996820);
INSERT INTO "row_sums" VALUES('paragraph_owners',52,1,2689167449314182260);
INSERT INTO "row_sums" VALUES('paragraph_owners',53,1,-197161990745196171);
INSERT INTO "row_sums" VALUES('paragraph_owners',61,1,-3198096064488469443);
INSERT INTO "row_sums" VALUES('paragraph_owners',62,1,5035297962845903294);
INSERT INTO "row_sums" VALUES('revisions',4,1,5716158403926414296);
INSERT INTO "row_sums" VALUES('revisions',18,1,-1848201079713845968);
INSERT INTO "row_sums" VALUES('revisions',36,1,-6225551099595951634);
INSERT INTO "row_sums" VALUES('revisions',42,1,-1152074179168356276);
INSERT INTO "row_sums" VALUES('revisions',60,1,913682745244970590);
INSERT INTO "row_sums" VALUES('revisions',63,1,-7728023962278326658);
INSERT INTO "row_sums" VALUES('pending_revisions',3,1,4829696084813270275);
INSERT INTO "row_sums" VALUES('pending_revisions',13,1,-2566314597423683571);
INSERT INTO "row_sums" VALUES('pending_revisions',22,1,-7811643504058350058);
INSERT INTO "row_sums" VALUES('pending_revisions',42,1,4067450837538405034);
INSERT INTO "row_sums" VALUES('pending_revisions',45,1,4241508185043630701);
INSERT INTO "row_sums" VALUES('pending_revisions',47,1,-1459699243212955473);
INSERT INTO "row_sums" VALUES('pending_revisions',51,1,-3351535254755623565);
INSERT INTO "row_sums" VALUES('pending_revisions',55,1,-1290930155618158409);
INSERT INTO "row_sums" VALUES('spans',0,2,2217560441241934944);
INSERT INTO "row_sums" VALUES('spans',1,1,739624901621208843);
INSERT INTO "row_sums" VALUES('spans',3,1,5097590067023597161);
INSERT INTO "row_sums" VALUES('spans',5,1,2540359665973035524);
INSERT INTO "row_sums" VALUES('spans',7,1,5019214850149538778);
INSERT INTO "row_sums" VALUES('spans',8,1,-573804960576802367);
INSERT INTO "row_sums" VALUES('spans',10,1,-7603441590062290944);
INSERT INTO "row_sums" VALUES('spans',12,1,-6909179257372691277);
INSERT INTO "row_sums" VALUES('spans',14,1,-2059624920975741105);
INSERT INTO "row_sums" VALUES('spans',17,1,-4396857642871714918);
INSERT INTO "row_sums" VALUES('spans',18,1,-2397839423627107094);
INSERT INTO "row_sums" VALUES('spans',19,1,9008066837752228507);
INSERT INTO "row_sums" VALUES('spans',21,2,-4031325250768036249);
INSERT INTO "row_sums" VALUES('spans',23,2,8224529081217809650);
INSERT INTO "row_sums" VALUES('spans',24,2,5928518899135213612);
INSERT INTO "row_sums" VALUES('spans',27,2,4314235199904837362);
INSERT INTO "row_sums" VALUES('spans',29,1,-3881271610286471493);
INSERT INTO "row_sums" VALUES('spans',30,1,-4599124206886242219);
INSERT INTO "row_sums" VALUES('spans',31,1,-6998036114464759758);
INSERT INTO "row_sums" VALUES('spans',32,1,-320817002832436503);
INSERT INTO "row_sums" VALUES('spans',33,1,5015527970778012324);
INSERT INTO "row_sums" VALUES('spans',34,1,-636177131806922366);
INSERT INTO "row_sums" VALUES('spans',36,1,4054176277121667558);
INSERT INTO "row_sums" VALUES('spans',38,1,5832585029331235068);
INSERT INTO "row_sums" VALUES('spans',39,1,3315480947792373097);
INSERT INTO "row_sums" VALUES('spans',42,1,-1812554379719933416);
INSERT INTO "row_sums" VALUES('spans',44,2,4727987310154852549);
INSERT INTO "row_sums" VALUES('spans',45,1,-7315330704592284215);
INSERT INTO "row_sums" VALUES('spans',52,1,-1244281914460222648);
INSERT INTO "row_sums" VALUES('spans',55,1,-6816545126743256022);
INSERT INTO "row_sums" VALUES('spans',59,1,-6089090918673591866);
INSERT INTO "row_sums" VALUES('adjudications',41,1,5134719794607362411);
INSERT INTO "row_sums" VALUES('annotations',1,1,-2772895877252375345);
INSERT INTO "row_sums" VALUES('annotations',5,1,1817065181891425822);
INSERT INTO "row_sums" VALUES('annotations',7,1,6391129310325422860);
INSERT INTO "row_sums" VALUES('annotations',12,1,-2000711100693191591);
INSERT INTO "row_sums" VALUES('annotations',34,1,-956809033427458763);
INSERT INTO "row_sums" VALUES('annotations',57,1,5648336253457470333);
INSERT INTO "row_sums" VALUES('assignments',6,1,-230169736798508820);
INSERT INTO "row_sums" VALUES('assignments',7,1,1625698490005155280);
INSERT INTO "row_sums" VALUES('assignments',8,1,-4774085377994079997);
INSERT INTO "row_sums" VALUES('assignments',39,1,6255475317670989720);
INSERT INTO "row_sums" VALUES('suggestions',40,1,-5778323024746154869);
INSERT INTO "row_sums" VALUES('(tables)',0,89,-4366308338510635761);
CREATE TABLE scored_revisions (
	revision VARCHAR NOT NULL, 
	spans INTEGER NOT NULL, 
	doubtful INTEGER NOT NULL, 
	PRIMARY KEY (revision), 
	FOREIGN KEY(revision) REFERENCES revisions (id)
);
CREATE TABLE shingle_signatures (
	article VARCHAR NOT NULL, 
	recipe VARCHAR NOT NULL, 
	signature BLOB NOT NULL, 
	PRIMARY KEY (article), 
	FOREIGN KEY(article) REFERENCES articles (id)
);
INSERT INTO "shingle_signatures" VALUES('04012433d891','1',X'C671C304FBF78D19FD254E1BECE6461F44B2E42270197A2C9843D24B015F9B57E00F1758DEA23D61F780FC6326DFD16DCF0B148EC11DF58F9E440595B25476A48A27ABB0D8BC4CB9C80B90C2DE9B7DC631E612D5ADCBC9DCC9CCB0E12DB700F8');
INSERT INTO "shingle_signatures" VALUES('3f5efe3766eb','1',X'C671C3045A12EE092CCC3E16ECE6461FEAB170224D67EB22802BD9238782552A7F29522BF871102C70197A2C15FE7C499843D24B015F9B57E00F175816079D5E00717284C11DF58F8A27ABB0D8BC4CB9C33399C547062CCBC9CCB0E193EB07F0');
INSERT INTO "shingle_signatures" VALUES('59ecdf028d37','1',X'E51B5B02C671C304E3D61614ECE6461F109C5B223F5A672395BAAD25CFC6AC263C09012A70197A2C5529263FA46447459843D24B19A9654E29125855015F9B57E00F175822DBDE63F9BB5083C11DF58F8A27ABB0D8BC4CB90F0049CBC9CCB0E1DA1375F5');
INSERT INTO "shingle_signatures" VALUES('62e0c74a951c','1',X'C671C3047E918E11F2F82B187C5E3D1BECE6461FBDE5D21F70197A2C9843D24B1FF31950015F9B57E00F17584D75B0588483D460F1A02674C11DF58F8A27ABB0F7057FB2D8BC4CB9E4F473BE2B5A1FC9563317D366797CD6C9CCB0E14E84B5FC2332F7FF');
INSERT INTO "shingle_signatures" VALUES('8732254542b9','1',X'70893603C671C304D4CAF409ECE6461F70197A2CA59EEA35C002B7392854173F9843D24B7E6FB34C015F9B57E00F1758F45905637E6690639A385C863834CF87C11DF58FC78FF79E27E30CAD8A27ABB0D8BC4CB9B3CF11D0C9CCB0E11F978AEEB12128F0');
CREATE TABLE shingles (
	hash BIGINT NOT NULL, 
	article VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	PRIMARY KEY (hash, article), 
	FOREIGN KEY(article) REFERENCES articles (id)
)
 WITHOUT ROWID

;
INSERT INTO "shingles" VALUES(39525349,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(53905776,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(79917510,'04012433d891',-24);
INSERT INTO "shingles" VALUES(79917510,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(79917510,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(79917510,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(79917510,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(166597210,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(167037652,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(294556030,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(337041123,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(373214252,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(405534962,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(428734459,'04012433d891',-24);
INSERT INTO "shingles" VALUES(457006716,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(458106365,'04012433d891',-24);
INSERT INTO "shingles" VALUES(524740332,'04012433d891',-24);
INSERT INTO "shingles" VALUES(524740332,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(524740332,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(524740332,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(524740332,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(533915069,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(576429072,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(577810922,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(585413188,'04012433d891',-24);
INSERT INTO "shingles" VALUES(585852749,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(593975871,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(601435008,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(632142485,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(648857295,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(704710972,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(710247047,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(726804863,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(739275256,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(746199408,'04012433d891',-24);
INSERT INTO "shingles" VALUES(746199408,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(746199408,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(746199408,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(746199408,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(904568485,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(968295104,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(1058493480,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(1059465557,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(1162306724,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(1232928277,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(1272071064,'04012433d891',-24);
INSERT INTO "shingles" VALUES(1272071064,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(1272071064,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(1272071064,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(1272071064,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(1286827902,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(1315285273,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(1343877919,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(1431835177,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(1469800193,'04012433d891',-24);
INSERT INTO "shingles" VALUES(1469800193,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(1469800193,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(1469800193,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(1469800193,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(1477906400,'04012433d891',-24);
INSERT INTO "shingles" VALUES(1477906400,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(1477906400,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(1477906400,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(1477906400,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(1487959373,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(1587349270,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(1624540036,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(1631429342,'04012433d891',-24);
INSERT INTO "shingles" VALUES(1661295092,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(1670407806,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(1675549474,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(1677492471,'04012433d891',-24);
INSERT INTO "shingles" VALUES(1842470694,'04012433d891',-24);
INSERT INTO "shingles" VALUES(1948688625,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(2203106297,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(2222092544,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(2254190746,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(2278503480,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(2383678415,'04012433d891',-24);
INSERT INTO "shingles" VALUES(2415205825,'04012433d891',-24);
INSERT INTO "shingles" VALUES(2415205825,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(2415205825,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(2415205825,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(2415205825,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(2500150430,'04012433d891',-24);
INSERT INTO "shingles" VALUES(2667024327,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(2759218354,'04012433d891',-24);
INSERT INTO "shingles" VALUES(2903302951,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(2964006794,'04012433d891',-24);
INSERT INTO "shingles" VALUES(2964006794,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(2964006794,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(2964006794,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(2964006794,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(2994669047,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(3108814040,'04012433d891',-24);
INSERT INTO "shingles" VALUES(3108814040,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(3108814040,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(3108814040,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(3108814040,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(3195270372,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(3264220104,'04012433d891',-24);
INSERT INTO "shingles" VALUES(3315151811,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(3330120670,'04012433d891',-24);
INSERT INTO "shingles" VALUES(3374275115,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(3408660039,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(3410558991,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(3490828211,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(3541513046,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(3574785585,'04012433d891',-24);
INSERT INTO "shingles" VALUES(3598481766,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(3704212397,'04012433d891',-24);
INSERT INTO "shingles" VALUES(3786460361,'04012433d891',-24);
INSERT INTO "shingles" VALUES(3786460361,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(3786460361,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(3786460361,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(3786460361,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(4002060063,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(4027050899,'3f5efe3766eb',-24);
INSERT INTO "shingles" VALUES(4029161905,'8732254542b9',-25);
INSERT INTO "shingles" VALUES(4118090714,'59ecdf028d37',-25);
INSERT INTO "shingles" VALUES(4160796461,'04012433d891',-24);
INSERT INTO "shingles" VALUES(4239754318,'62e0c74a951c',-25);
INSERT INTO "shingles" VALUES(4294390307,'62e0c74a951c',-25);
CREATE TABLE span_links (
	span VARCHAR NOT NULL, 
	same_span VARCHAR NOT NULL, 
	PRIMARY KEY (span, same_span), 
	FOREIGN KEY(span) REFERENCES spans (id), 
	FOREIGN KEY(same_span) REFERENCES spans (id)
);
CREATE TABLE spans (
	id VARCHAR NOT NULL, 
	revision VARCHAR NOT NULL, 
	unit VARCHAR NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	found_by VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(revision) REFERENCES revisions (id)
);
INSERT INTO "spans" VALUES('04012433d891-ed215215:article:0-145','04012433d891-ed215215','article',0,145,'split');
INSERT INTO "spans" VALUES('04012433d891-ed215215:headline:0-8','04012433d891-ed215215','headline',0,8,'split');
INSERT INTO "spans" VALUES('04012433d891-ed215215:paragraph:10-73','04012433d891-ed215215','paragraph',10,73,'split');
INSERT INTO "spans" VALUES('04012433d891-ed215215:sentence:10-73','04012433d891-ed215215','sentence',10,73,'split');
INSERT INTO "spans" VALUES('04012433d891-ed215215:mention:19-28','04012433d891-ed215215','mention',19,28,'split');
INSERT INTO "spans" VALUES('04012433d891-ed215215:furniture:75-145','04012433d891-ed215215','furniture',75,145,'split');
INSERT INTO "spans" VALUES('3f5efe3766eb-d9423f50:article:0-151','3f5efe3766eb-d9423f50','article',0,151,'split');
INSERT INTO "spans" VALUES('3f5efe3766eb-d9423f50:headline:0-8','3f5efe3766eb-d9423f50','headline',0,8,'split');
INSERT INTO "spans" VALUES('3f5efe3766eb-d9423f50:paragraph:10-79','3f5efe3766eb-d9423f50','paragraph',10,79,'split');
INSERT INTO "spans" VALUES('3f5efe3766eb-d9423f50:sentence:10-79','3f5efe3766eb-d9423f50','sentence',10,79,'split');
INSERT INTO "spans" VALUES('3f5efe3766eb-d9423f50:mention:19-28','3f5efe3766eb-d9423f50','mention',19,28,'split');
INSERT INTO "spans" VALUES('3f5efe3766eb-d9423f50:mention:45-49','3f5efe3766eb-d9423f50','mention',45,49,'split');
INSERT INTO "spans" VALUES('3f5efe3766eb-d9423f50:paragraph:81-151','3f5efe3766eb-d9423f50','paragraph',81,151,'split');
INSERT INTO "spans" VALUES('3f5efe3766eb-d9423f50:sentence:81-151','3f5efe3766eb-d9423f50','sentence',81,151,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-867d4dc9:article:0-151','59ecdf028d37-867d4dc9','article',0,151,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-867d4dc9:headline:0-8','59ecdf028d37-867d4dc9','headline',0,8,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-867d4dc9:paragraph:10-79','59ecdf028d37-867d4dc9','paragraph',10,79,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-867d4dc9:sentence:10-79','59ecdf028d37-867d4dc9','sentence',10,79,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-867d4dc9:mention:17-21','59ecdf028d37-867d4dc9','mention',17,21,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-867d4dc9:furniture:81-151','59ecdf028d37-867d4dc9','furniture',81,151,'split');
INSERT INTO "spans" VALUES('62e0c74a951c-b626e7cf:article:0-150','62e0c74a951c-b626e7cf','article',0,150,'split');
INSERT INTO "spans" VALUES('62e0c74a951c-b626e7cf:headline:0-8','62e0c74a951c-b626e7cf','headline',0,8,'split');
INSERT INTO "spans" VALUES('62e0c74a951c-b626e7cf:paragraph:10-78','62e0c74a951c-b626e7cf','paragraph',10,78,'split');
INSERT INTO "spans" VALUES('62e0c74a951c-b626e7cf:sentence:10-78','62e0c74a951c-b626e7cf','sentence',10,78,'split');
INSERT INTO "spans" VALUES('62e0c74a951c-b626e7cf:mention:26-30','62e0c74a951c-b626e7cf','mention',26,30,'split');
INSERT INTO "spans" VALUES('62e0c74a951c-b626e7cf:furniture:80-150','62e0c74a951c-b626e7cf','furniture',80,150,'split');
INSERT INTO "spans" VALUES('8732254542b9-3d866a60:article:0-146','8732254542b9-3d866a60','article',0,146,'split');
INSERT INTO "spans" VALUES('8732254542b9-3d866a60:headline:0-8','8732254542b9-3d866a60','headline',0,8,'split');
INSERT INTO "spans" VALUES('8732254542b9-3d866a60:paragraph:10-74','8732254542b9-3d866a60','paragraph',10,74,'split');
INSERT INTO "spans" VALUES('8732254542b9-3d866a60:sentence:10-74','8732254542b9-3d866a60','sentence',10,74,'split');
INSERT INTO "spans" VALUES('8732254542b9-3d866a60:furniture:76-146','8732254542b9-3d866a60','furniture',76,146,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-358eb70e:article:0-152','59ecdf028d37-358eb70e','article',0,152,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-358eb70e:headline:0-8','59ecdf028d37-358eb70e','headline',0,8,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-358eb70e:paragraph:10-80','59ecdf028d37-358eb70e','paragraph',10,80,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-358eb70e:sentence:10-80','59ecdf028d37-358eb70e','sentence',10,80,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-358eb70e:mention:17-21','59ecdf028d37-358eb70e','mention',17,21,'split');
INSERT INTO "spans" VALUES('59ecdf028d37-358eb70e:furniture:82-152','59ecdf028d37-358eb70e','furniture',82,152,'split');
CREATE TABLE split_articles (
	id VARCHAR NOT NULL, 
	article TEXT NOT NULL, 
	revisions TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE split_parts (
	article VARCHAR NOT NULL, 
	split_article VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	PRIMARY KEY (article), 
	FOREIGN KEY(article) REFERENCES articles (id), 
	FOREIGN KEY(split_article) REFERENCES split_articles (id)
);
CREATE TABLE studio_projects (
	round VARCHAR NOT NULL, 
	coder VARCHAR NOT NULL, 
	server VARCHAR NOT NULL, 
	project INTEGER NOT NULL, 
	configuration VARCHAR NOT NULL, 
	PRIMARY KEY (round, coder), 
	FOREIGN KEY(round) REFERENCES rounds (name)
);
CREATE TABLE studio_tasks (
	round VARCHAR NOT NULL, 
	span VARCHAR NOT NULL, 
	coder VARCHAR NOT NULL, 
	task INTEGER, 
	model VARCHAR, 
	PRIMARY KEY (round, span, coder), 
	FOREIGN KEY(round) REFERENCES rounds (name), 
	FOREIGN KEY(span) REFERENCES spans (id)
);
CREATE TABLE suggestions (
	span VARCHAR NOT NULL, 
	variable VARCHAR NOT NULL, 
	model VARCHAR NOT NULL, 
	fold VARCHAR NOT NULL, 
	probabilities TEXT NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (span, variable, model), 
	FOREIGN KEY(span) REFERENCES spans (id)
);
INSERT INTO "suggestions" VALUES('04012433d891-ed215215:mention:19-28','wording','m1','','{"plain": 0.25, "liberation": 0.75}','7782aa01092ca47c');
CREATE TABLE tallies (
	what VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	n INTEGER NOT NULL, 
	PRIMARY KEY (what, name)
);
INSERT INTO "tallies" VALUES('lock','',0);
INSERT INTO "tallies" VALUES('articles','Courier',1);
INSERT INTO "tallies" VALUES('articles','Herald',4);
INSERT INTO "tallies" VALUES('copy_groups','',5);
INSERT INTO "tallies" VALUES('spans','article',5);
INSERT INTO "tallies" VALUES('spans','furniture',4);
INSERT INTO "tallies" VALUES('spans','headline',5);
INSERT INTO "tallies" VALUES('spans','mention',5);
INSERT INTO "tallies" VALUES('spans','paragraph',6);
INSERT INTO "tallies" VALUES('spans','sentence',6);
CREATE INDEX ix_pages_url ON pages (url);
CREATE INDEX ix_articles_outlet ON articles (outlet);
CREATE INDEX ix_articles_copy_group ON articles (copy_group);
CREATE INDEX ix_split_parts_split_article ON split_parts (split_article);
CREATE INDEX ix_event_assignments_event ON event_assignments (event);
CREATE INDEX ix_feed_entries_url ON feed_entries (url);
CREATE INDEX ix_feed_entries_feed ON feed_entries (feed);
CREATE INDEX ix_feed_entries_article ON feed_entries (article);
CREATE INDEX ix_spans_revision ON spans (revision);
CREATE INDEX ix_studio_tasks_task ON studio_tasks (task);
CREATE INDEX ix_removals_name ON removals (name);
CREATE UNIQUE INDEX ix_revisions_article_number ON revisions (article, number);
PRAGMA user_version = 1;
COMMIT;
