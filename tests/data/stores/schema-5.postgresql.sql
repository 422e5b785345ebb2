CREATE FUNCTION slantwise_keep_sums() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
  IF current_setting('slantwise.writes', true) = 'on' THEN
    IF TG_OP <> 'DELETE' THEN UPDATE row_sums AS r SET "rows" = r."rows" + d.n, "sum" = r."sum" + d.total FROM (SELECT (('x' || left(md5(t::text), 10))::bit(40)::bigint % 64) AS part, count(*) AS n, sum(('x' || left(md5(t::text), 10))::bit(40)::bigint)::bigint AS total FROM new_rows AS t GROUP BY 1) AS d WHERE r."table" = TG_TABLE_NAME::text AND r.part = d.part; END IF;
    IF TG_OP <> 'INSERT' THEN UPDATE row_sums AS r SET "rows" = r."rows" - d.n, "sum" = r."sum" - d.total FROM (SELECT (('x' || left(md5(t::text), 10))::bit(40)::bigint % 64) AS part, count(*) AS n, sum(('x' || left(md5(t::text), 10))::bit(40)::bigint)::bigint AS total FROM old_rows AS t GROUP BY 1) AS d WHERE r."table" = TG_TABLE_NAME::text AND r.part = d.part; END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TABLE adjudication_projects (
    round character varying NOT NULL COLLATE pg_catalog."C",
    adjudicator character varying NOT NULL COLLATE pg_catalog."C",
    server character varying NOT NULL,
    project integer NOT NULL
);
CREATE TABLE adjudications (
    round character varying NOT NULL COLLATE pg_catalog."C",
    span character varying NOT NULL,
    variable character varying NOT NULL COLLATE pg_catalog."C",
    code character varying NOT NULL,
    by character varying NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    confidence double precision,
    made_at character varying,
    codebook_version character varying NOT NULL,
    digest character varying NOT NULL
);
CREATE TABLE annotations (
    span character varying NOT NULL,
    variable character varying NOT NULL COLLATE pg_catalog."C",
    coder character varying NOT NULL COLLATE pg_catalog."C",
    round character varying NOT NULL COLLATE pg_catalog."C",
    code character varying NOT NULL,
    arm character varying NOT NULL,
    codebook_version character varying NOT NULL,
    made_at character varying,
    memo text NOT NULL,
    seconds double precision,
    simulated boolean NOT NULL,
    digest character varying NOT NULL
);
CREATE TABLE articles (
    id character varying NOT NULL,
    outlet character varying NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL,
    title text,
    published character varying(10),
    language character varying,
    url text,
    rights text,
    event character varying,
    originator text,
    copy_group character varying,
    metadata text NOT NULL
);
CREATE TABLE assignments (
    round character varying NOT NULL COLLATE pg_catalog."C",
    span character varying NOT NULL,
    coder character varying NOT NULL COLLATE pg_catalog."C",
    arm character varying NOT NULL,
    probability double precision NOT NULL,
    digest character varying NOT NULL
);
CREATE TABLE cut_texts (
    article character varying NOT NULL,
    state character varying NOT NULL,
    why text NOT NULL
);
CREATE TABLE draws (
    round character varying NOT NULL COLLATE pg_catalog."C",
    span character varying NOT NULL,
    "position" integer NOT NULL,
    pi double precision NOT NULL,
    stratum character varying NOT NULL COLLATE pg_catalog."C",
    digest character varying NOT NULL
);
CREATE TABLE event_assignments (
    article character varying NOT NULL,
    event character varying NOT NULL COLLATE pg_catalog."C",
    origin character varying NOT NULL
);
CREATE TABLE events (
    id character varying NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    place text NOT NULL,
    day character varying(10) NOT NULL,
    gained text,
    title text
);
CREATE TABLE excluded_passages (
    revision character varying NOT NULL,
    start integer NOT NULL,
    "end" integer NOT NULL,
    why character varying NOT NULL
);
CREATE TABLE feed_entries (
    id character varying NOT NULL,
    feed text NOT NULL,
    url text,
    stamp character varying NOT NULL,
    content text NOT NULL,
    state character varying NOT NULL,
    why text,
    tries integer NOT NULL,
    article character varying,
    next_try character varying
);
CREATE TABLE feed_hosts (
    origin text NOT NULL,
    robots text NOT NULL,
    robots_until double precision NOT NULL,
    rest_until double precision NOT NULL
);
CREATE TABLE feeds (
    url text NOT NULL,
    outlet character varying NOT NULL COLLATE pg_catalog."C",
    title text,
    moved text,
    headers text NOT NULL,
    listed integer NOT NULL,
    checked_at character varying,
    why text
);
CREATE TABLE furniture_decisions (
    outlet character varying NOT NULL COLLATE pg_catalog."C",
    digest bigint NOT NULL,
    kind character varying NOT NULL,
    text text NOT NULL
);
CREATE TABLE log (
    id integer NOT NULL,
    at character varying NOT NULL,
    version character varying NOT NULL,
    command character varying NOT NULL,
    arguments text NOT NULL,
    outcome text NOT NULL
);
CREATE SEQUENCE log_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE log_id_seq OWNED BY log.id;
CREATE TABLE meta (
    key character varying NOT NULL,
    value text NOT NULL
);
CREATE TABLE outcomes (
    round character varying NOT NULL COLLATE pg_catalog."C",
    span character varying NOT NULL,
    coder character varying NOT NULL COLLATE pg_catalog."C",
    state character varying NOT NULL,
    reason character varying NOT NULL,
    memo text NOT NULL,
    seconds double precision,
    at character varying
);
CREATE TABLE outlets (
    name character varying NOT NULL COLLATE pg_catalog."C",
    country character varying
);
CREATE TABLE pages (
    id character varying NOT NULL,
    url text NOT NULL,
    final text NOT NULL,
    digest character varying NOT NULL,
    headers text NOT NULL,
    fetched_at character varying NOT NULL
);
CREATE TABLE paragraph_counts (
    outlet character varying NOT NULL COLLATE pg_catalog."C",
    digest bigint NOT NULL,
    articles integer NOT NULL
);
CREATE TABLE paragraph_overrides (
    revision character varying NOT NULL,
    start integer NOT NULL,
    "end" integer NOT NULL,
    kind character varying NOT NULL
);
CREATE TABLE paragraph_owners (
    outlet character varying NOT NULL COLLATE pg_catalog."C",
    digest bigint NOT NULL,
    article character varying NOT NULL
);
CREATE TABLE pending_revisions (
    work character varying NOT NULL,
    revision character varying NOT NULL
);
CREATE TABLE raw_annotations (
    span character varying NOT NULL,
    variable character varying NOT NULL COLLATE pg_catalog."C",
    coder character varying NOT NULL COLLATE pg_catalog."C",
    round character varying NOT NULL COLLATE pg_catalog."C",
    codebook_version character varying NOT NULL,
    code character varying NOT NULL,
    arm character varying NOT NULL,
    made_at character varying,
    memo text NOT NULL,
    seconds double precision,
    simulated boolean NOT NULL,
    digest character varying NOT NULL
);
CREATE TABLE removals (
    id integer NOT NULL,
    at character varying NOT NULL,
    kind character varying NOT NULL,
    name character varying NOT NULL COLLATE pg_catalog."C",
    outlet character varying COLLATE pg_catalog."C",
    revisions text NOT NULL,
    removed text NOT NULL
);
CREATE SEQUENCE removals_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE removals_id_seq OWNED BY removals.id;
CREATE TABLE revisions (
    id character varying NOT NULL,
    article character varying NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    digest character varying NOT NULL,
    reason character varying NOT NULL,
    published character varying
);
CREATE TABLE round_designs (
    round character varying NOT NULL COLLATE pg_catalog."C",
    design text NOT NULL,
    strata text NOT NULL,
    model character varying,
    beside character varying NOT NULL COLLATE pg_catalog."C",
    pi text NOT NULL,
    closed text NOT NULL
);
CREATE TABLE round_suggestions (
    round character varying NOT NULL COLLATE pg_catalog."C",
    span character varying NOT NULL,
    variable character varying NOT NULL COLLATE pg_catalog."C",
    model character varying NOT NULL,
    fold character varying NOT NULL,
    probabilities text NOT NULL
);
CREATE TABLE rounds (
    name character varying NOT NULL COLLATE pg_catalog."C",
    purpose character varying NOT NULL,
    layout character varying NOT NULL,
    codebook_version character varying NOT NULL,
    assisted double precision NOT NULL,
    seed integer NOT NULL,
    made_at character varying NOT NULL,
    frame text NOT NULL
);
CREATE TABLE row_sums (
    "table" character varying NOT NULL,
    part integer NOT NULL,
    rows integer NOT NULL,
    sum bigint NOT NULL
);
CREATE TABLE scored_revisions (
    revision character varying NOT NULL,
    spans integer NOT NULL,
    doubtful integer NOT NULL
);
CREATE TABLE shingle_signatures (
    article character varying NOT NULL,
    recipe character varying NOT NULL,
    signature bytea NOT NULL
);
CREATE TABLE shingles (
    hash bigint NOT NULL,
    article character varying NOT NULL,
    size integer NOT NULL
);
CREATE TABLE span_links (
    span character varying NOT NULL,
    same_span character varying NOT NULL
);
CREATE TABLE spans (
    id character varying NOT NULL,
    revision character varying NOT NULL,
    unit character varying NOT NULL,
    start integer NOT NULL,
    "end" integer NOT NULL,
    found_by character varying NOT NULL
);
CREATE TABLE split_articles (
    id character varying NOT NULL,
    article text NOT NULL,
    revisions text NOT NULL
);
CREATE TABLE split_parts (
    article character varying NOT NULL,
    split_article character varying NOT NULL,
    number integer NOT NULL,
    start integer NOT NULL,
    "end" integer NOT NULL
);
CREATE TABLE studio_projects (
    round character varying NOT NULL COLLATE pg_catalog."C",
    coder character varying NOT NULL COLLATE pg_catalog."C",
    server character varying NOT NULL,
    project integer NOT NULL,
    configuration character varying NOT NULL
);
CREATE TABLE studio_tasks (
    round character varying NOT NULL COLLATE pg_catalog."C",
    span character varying NOT NULL,
    coder character varying NOT NULL COLLATE pg_catalog."C",
    task integer,
    model character varying
);
CREATE TABLE suggestions (
    span character varying NOT NULL,
    variable character varying NOT NULL COLLATE pg_catalog."C",
    model character varying NOT NULL,
    fold character varying NOT NULL,
    probabilities text NOT NULL,
    digest character varying NOT NULL
);
CREATE TABLE tallies (
    what character varying NOT NULL,
    name character varying NOT NULL COLLATE pg_catalog."C",
    n integer NOT NULL
);
ALTER TABLE ONLY log ALTER COLUMN id SET DEFAULT nextval('log_id_seq'::regclass);
ALTER TABLE ONLY removals ALTER COLUMN id SET DEFAULT nextval('removals_id_seq'::regclass);
INSERT INTO adjudications VALUES ('', '04012433d891-ed215215:mention:19-28', 'wording', 'plain', 'eva', '', 0.75, '2024-04-02T10:00:00+00:00', '1', 'c50416af5a43ae96');
INSERT INTO annotations VALUES ('04012433d891-ed215215:mention:19-28', 'wording', 'mira', '', 'plain', 'blind', '1', '2024-04-01T10:00:00+00:00', 'é', 2.5, false, 'b5a5a75e3ea5ccaa');
INSERT INTO annotations VALUES ('3f5efe3766eb-d9423f50:mention:19-28', 'wording', 'mira', '', 'liberation', 'blind', '1', '2024-04-01T10:00:00+00:00', '', 2.5, false, 'f929bd3fefc37dcb');
INSERT INTO annotations VALUES ('3f5efe3766eb-d9423f50:mention:45-49', 'wording', 'mira', '', 'plain', 'blind', '1', '2024-04-01T10:00:00+00:00', '', 2.5, false, '7569a99264c4d79a');
INSERT INTO annotations VALUES ('04012433d891-ed215215:mention:19-28', 'wording', 'tom', '', 'liberation', 'blind', '1', '2024-04-01T10:00:00+00:00', 'é', 2.5, false, '1c32b929b003d069');
INSERT INTO annotations VALUES ('3f5efe3766eb-d9423f50:mention:19-28', 'wording', 'tom', '', 'liberation', 'blind', '1', '2024-04-01T10:00:00+00:00', '', 2.5, false, 'd7303f146da9d707');
INSERT INTO annotations VALUES ('3f5efe3766eb-d9423f50:mention:45-49', 'wording', 'tom', '', 'plain', 'blind', '1', '2024-04-01T10:00:00+00:00', '', 2.5, false, '3a2db301b428c6a5');
INSERT INTO articles VALUES ('59ecdf028d37', 'Herald', 'h0', 'Report 0', '2024-03-01', 'en', NULL, NULL, NULL, NULL, '59ecdf028d37', '{}');
INSERT INTO articles VALUES ('04012433d891', 'Herald', 'h1', 'Report 1', '2024-03-02', 'en', NULL, NULL, NULL, NULL, '04012433d891', '{}');
INSERT INTO articles VALUES ('62e0c74a951c', 'Herald', 'h2', 'Report 2', '2024-03-03', 'en', NULL, NULL, NULL, NULL, '62e0c74a951c', '{}');
INSERT INTO articles VALUES ('8732254542b9', 'Herald', 'h3', 'Report 3', '2024-03-04', 'en', NULL, NULL, NULL, NULL, '8732254542b9', '{}');
INSERT INTO articles VALUES ('3f5efe3766eb', 'Courier', 'h4', 'Report 4', '2024-03-05', 'en', NULL, NULL, NULL, NULL, '3f5efe3766eb', '{}');
INSERT INTO assignments VALUES ('pilot', '59ecdf028d37-867d4dc9:mention:17-21', 'mira', 'blind', 1, 'be2de2bcfae8d93a');
INSERT INTO assignments VALUES ('pilot', '62e0c74a951c-b626e7cf:mention:26-30', 'mira', 'blind', 1, 'fe5e2b81f0bb02b9');
INSERT INTO assignments VALUES ('pilot', '59ecdf028d37-867d4dc9:mention:17-21', 'tom', 'blind', 1, '7c83b5c5aa95c42f');
INSERT INTO assignments VALUES ('pilot', '62e0c74a951c-b626e7cf:mention:26-30', 'tom', 'blind', 1, '5adf670b44e6e06a');
INSERT INTO draws VALUES ('pilot', '59ecdf028d37-867d4dc9:mention:17-21', 0, 1, '', 'a215733edf4aa3ff');
INSERT INTO draws VALUES ('pilot', '62e0c74a951c-b626e7cf:mention:26-30', 1, 1, '', '0f6bdf3568edda47');
INSERT INTO feed_entries VALUES ('e1', 'https://herald.example/rss', 'https://herald.example/1', 's', '{}', 'pending', NULL, 2, NULL, NULL);
INSERT INTO feeds VALUES ('https://herald.example/rss', 'Herald', 'Herald', NULL, '{}', 1, NULL, NULL);
INSERT INTO log VALUES (1, '2026-11-27T23:45:45+00:00', '0.1.0', 'upgrade', '{"version": 4}', '{"renumbered": 0}');
INSERT INTO meta VALUES ('codebook 1', 'name: valley
version: "1"
unit: mention
mention:
  terms: [took, liberat*]
variables:
  - name: wording
    question: Which wording?
    codes: [{name: plain}, {name: liberation}]
');
INSERT INTO meta VALUES ('copies', '1');
INSERT INTO meta VALUES ('splitter', '1 liberat* | took');
INSERT INTO meta VALUES ('schema', '5');
INSERT INTO outlets VALUES ('Herald', NULL);
INSERT INTO outlets VALUES ('Courier', NULL);
INSERT INTO paragraph_counts VALUES ('Herald', -7749203041670900579, 1);
INSERT INTO paragraph_counts VALUES ('Herald', 766325654155219995, 1);
INSERT INTO paragraph_counts VALUES ('Herald', -9033744921101770435, 1);
INSERT INTO paragraph_counts VALUES ('Herald', -190881820572158372, 1);
INSERT INTO paragraph_counts VALUES ('Herald', -4400584511546403121, 1);
INSERT INTO paragraph_counts VALUES ('Herald', 5887681298311823957, 1);
INSERT INTO paragraph_counts VALUES ('Herald', -7591088239484554353, 4);
INSERT INTO paragraph_counts VALUES ('Herald', -6523660707744662652, 1);
INSERT INTO paragraph_counts VALUES ('Herald', 1296523333161753602, 1);
INSERT INTO paragraph_counts VALUES ('Courier', -7591088239484554353, 1);
INSERT INTO paragraph_counts VALUES ('Courier', -1404037386083178895, 1);
INSERT INTO paragraph_counts VALUES ('Courier', 7104915692710797564, 1);
INSERT INTO paragraph_owners VALUES ('Herald', -7749203041670900579, '59ecdf028d37');
INSERT INTO paragraph_owners VALUES ('Herald', -7591088239484554353, '59ecdf028d37');
INSERT INTO paragraph_owners VALUES ('Herald', 766325654155219995, '59ecdf028d37');
INSERT INTO paragraph_owners VALUES ('Herald', -9033744921101770435, '04012433d891');
INSERT INTO paragraph_owners VALUES ('Herald', -7591088239484554353, '04012433d891');
INSERT INTO paragraph_owners VALUES ('Herald', -190881820572158372, '04012433d891');
INSERT INTO paragraph_owners VALUES ('Herald', -4400584511546403121, '62e0c74a951c');
INSERT INTO paragraph_owners VALUES ('Herald', 5887681298311823957, '62e0c74a951c');
INSERT INTO paragraph_owners VALUES ('Herald', -6523660707744662652, '8732254542b9');
INSERT INTO paragraph_owners VALUES ('Herald', 1296523333161753602, '8732254542b9');
INSERT INTO paragraph_owners VALUES ('Courier', -7591088239484554353, '3f5efe3766eb');
INSERT INTO paragraph_owners VALUES ('Courier', -1404037386083178895, '3f5efe3766eb');
INSERT INTO paragraph_owners VALUES ('Courier', 7104915692710797564, '3f5efe3766eb');
INSERT INTO pending_revisions VALUES ('score', '04012433d891-ed215215');
INSERT INTO pending_revisions VALUES ('score', '3f5efe3766eb-d9423f50');
INSERT INTO pending_revisions VALUES ('score', '59ecdf028d37-867d4dc9');
INSERT INTO pending_revisions VALUES ('score', '62e0c74a951c-b626e7cf');
INSERT INTO pending_revisions VALUES ('score', '8732254542b9-3d866a60');
INSERT INTO pending_revisions VALUES ('split', '04012433d891-ed215215');
INSERT INTO pending_revisions VALUES ('split', '59ecdf028d37-867d4dc9');
INSERT INTO pending_revisions VALUES ('split', '59ecdf028d37-358eb70e');
INSERT INTO revisions VALUES ('59ecdf028d37-867d4dc9', '59ecdf028d37', 0, 'Report 0
Troops took Velo at dawn on Monday, the ministry said in a statement.
Subscribe to our newsletter for the latest news from the whole valley.', '867d4dc907e42313d14b3f18be6b1ccede6a0ebfd3dbfc59be1bf3d2062b4ab0', 'published', '2024-03-01');
INSERT INTO revisions VALUES ('04012433d891-ed215215', '04012433d891', 0, 'Report 1
The army liberated Karsk after a week of fighting in the hills.
Subscribe to our newsletter for the latest news from the whole valley.', 'ed2152156739f40d0eb182b12194bda7f8fcb72db5346a3fd360dc4a51c47d99', 'published', '2024-03-02');
INSERT INTO revisions VALUES ('62e0c74a951c-b626e7cf', '62e0c74a951c', 0, 'Report 2
Northern forces took the bridge at Ardun and lost it again by night.
Subscribe to our newsletter for the latest news from the whole valley.', 'b626e7cf30e32f13710e2f778fb0e5e17accc16b61e468a634633a654e3fbe9f', 'published', '2024-03-03');
INSERT INTO revisions VALUES ('8732254542b9-3d866a60', '8732254542b9', 0, 'Report 3
Rain fell in the south of the valley until the weekend was over.
Subscribe to our newsletter for the latest news from the whole valley.', '3d866a60130b41a0836c4c8fc6ce9a3e4084134aaa11c2ca119f3a6638ef5781', 'published', '2024-03-04');
INSERT INTO revisions VALUES ('3f5efe3766eb-d9423f50', '3f5efe3766eb', 0, 'Report 4
Militias liberated the station and took the mill beside it on Friday.
Subscribe to our newsletter for the latest news from the whole valley.', 'd9423f506194f2e43bce16c81f9e9ae5143de60f69a20550bfde6023cb16a73b', 'published', '2024-03-05');
INSERT INTO revisions VALUES ('59ecdf028d37-358eb70e', '59ecdf028d37', 1, 'Report 0
Troops took Velo at dawn on Tuesday, the ministry said in a statement.
Subscribe to our newsletter for the latest news from the whole valley.', '358eb70e9abc22d3e1aa9b7efbdce269a001511358f6bb3ccc751562f3830820', 'edited', '2024-03-01');
INSERT INTO round_designs VALUES ('pilot', '{"by": [], "allocation": "proportional", "least": 1, "spread": false, "once_per_copy_group": false, "uniform": null, "overlap": 1.0, "overlap_by": "all", "cap": null, "assisted": 0.0, "layout": "unit", "no_term": 0.0}', '{"": [2, 2]}', NULL, '', '[1.0, 1.0]', '{}');
INSERT INTO rounds VALUES ('pilot', 'pilot', 'unit', '1', 0, 1, '2026-11-27T16:45:00.715+00:00', '["59ecdf028d37-867d4dc9:mention:17-21", "62e0c74a951c-b626e7cf:mention:26-30"]');
INSERT INTO row_sums VALUES ('log', 42, 1, 820906934250);
INSERT INTO row_sums VALUES ('meta', 0, 1, 929023251328);
INSERT INTO row_sums VALUES ('meta', 14, 1, 198777147470);
INSERT INTO row_sums VALUES ('meta', 19, 1, 355810965395);
INSERT INTO row_sums VALUES ('meta', 23, 1, 269911563095);
INSERT INTO row_sums VALUES ('outlets', 12, 1, 919117518924);
INSERT INTO row_sums VALUES ('outlets', 21, 1, 686561340117);
INSERT INTO row_sums VALUES ('rounds', 2, 1, 437096184130);
INSERT INTO row_sums VALUES ('tallies', 9, 1, 1058710349321);
INSERT INTO row_sums VALUES ('tallies', 16, 1, 226683691024);
INSERT INTO row_sums VALUES ('tallies', 22, 1, 757818166614);
INSERT INTO row_sums VALUES ('tallies', 24, 1, 943084418520);
INSERT INTO row_sums VALUES ('tallies', 45, 2, 603880101082);
INSERT INTO row_sums VALUES ('tallies', 46, 1, 5924391918);
INSERT INTO row_sums VALUES ('tallies', 47, 1, 91220452847);
INSERT INTO row_sums VALUES ('tallies', 48, 1, 936043141104);
INSERT INTO row_sums VALUES ('tallies', 62, 1, 842041753726);
INSERT INTO row_sums VALUES ('articles', 0, 1, 781397632640);
INSERT INTO row_sums VALUES ('articles', 43, 1, 839062133291);
INSERT INTO row_sums VALUES ('articles', 52, 1, 731049620212);
INSERT INTO row_sums VALUES ('articles', 54, 1, 54090689590);
INSERT INTO row_sums VALUES ('articles', 62, 1, 39744280382);
INSERT INTO row_sums VALUES ('draws', 21, 1, 891753345813);
INSERT INTO row_sums VALUES ('draws', 46, 1, 298377149614);
INSERT INTO row_sums VALUES ('feeds', 61, 1, 217135490493);
INSERT INTO row_sums VALUES ('paragraph_counts', 3, 1, 253329351619);
INSERT INTO row_sums VALUES ('paragraph_counts', 4, 1, 952858561284);
INSERT INTO row_sums VALUES ('paragraph_counts', 10, 1, 1013648416778);
INSERT INTO row_sums VALUES ('paragraph_counts', 12, 1, 454415500300);
INSERT INTO row_sums VALUES ('paragraph_counts', 13, 1, 509479437);
INSERT INTO row_sums VALUES ('paragraph_counts', 22, 1, 919309354582);
INSERT INTO row_sums VALUES ('paragraph_counts', 23, 1, 848259728663);
INSERT INTO row_sums VALUES ('paragraph_counts', 26, 1, 884979111002);
INSERT INTO row_sums VALUES ('paragraph_counts', 42, 1, 440353011946);
INSERT INTO row_sums VALUES ('paragraph_counts', 45, 1, 837354357165);
INSERT INTO row_sums VALUES ('paragraph_counts', 51, 1, 345504692211);
INSERT INTO row_sums VALUES ('paragraph_counts', 59, 1, 842102461627);
INSERT INTO row_sums VALUES ('round_designs', 7, 1, 1020517287559);
INSERT INTO row_sums VALUES ('feed_entries', 23, 1, 642487963991);
INSERT INTO row_sums VALUES ('paragraph_owners', 9, 2, 1225507386450);
INSERT INTO row_sums VALUES ('paragraph_owners', 17, 3, 1510181769971);
INSERT INTO row_sums VALUES ('paragraph_owners', 18, 1, 882281012242);
INSERT INTO row_sums VALUES ('paragraph_owners', 21, 1, 931460570709);
INSERT INTO row_sums VALUES ('paragraph_owners', 25, 1, 792923946201);
INSERT INTO row_sums VALUES ('paragraph_owners', 27, 2, 1627636427318);
INSERT INTO row_sums VALUES ('paragraph_owners', 35, 1, 433397130467);
INSERT INTO row_sums VALUES ('paragraph_owners', 42, 1, 133379568106);
INSERT INTO row_sums VALUES ('paragraph_owners', 53, 1, 148031412341);
INSERT INTO row_sums VALUES ('revisions', 21, 1, 565436543061);
INSERT INTO row_sums VALUES ('revisions', 31, 1, 404184660703);
INSERT INTO row_sums VALUES ('revisions', 45, 1, 490717811309);
INSERT INTO row_sums VALUES ('revisions', 54, 1, 369917339446);
INSERT INTO row_sums VALUES ('revisions', 56, 1, 921404831992);
INSERT INTO row_sums VALUES ('revisions', 60, 1, 475252945788);
INSERT INTO row_sums VALUES ('pending_revisions', 11, 1, 776800299019);
INSERT INTO row_sums VALUES ('pending_revisions', 15, 1, 299743058895);
INSERT INTO row_sums VALUES ('pending_revisions', 28, 2, 506289076984);
INSERT INTO row_sums VALUES ('pending_revisions', 31, 1, 685140599775);
INSERT INTO row_sums VALUES ('pending_revisions', 39, 1, 263293949671);
INSERT INTO row_sums VALUES ('pending_revisions', 43, 1, 1045111074795);
INSERT INTO row_sums VALUES ('pending_revisions', 57, 1, 995758520185);
INSERT INTO row_sums VALUES ('spans', 4, 1, 100515371716);
INSERT INTO row_sums VALUES ('spans', 5, 1, 787857937349);
INSERT INTO row_sums VALUES ('spans', 10, 1, 997958077514);
INSERT INTO row_sums VALUES ('spans', 12, 2, 805535994968);
INSERT INTO row_sums VALUES ('spans', 17, 1, 995093271441);
INSERT INTO row_sums VALUES ('spans', 19, 1, 816082709139);
INSERT INTO row_sums VALUES ('spans', 22, 1, 39865222998);
INSERT INTO row_sums VALUES ('spans', 24, 1, 307146978008);
INSERT INTO row_sums VALUES ('spans', 26, 1, 390560491482);
INSERT INTO row_sums VALUES ('spans', 29, 1, 65404170525);
INSERT INTO row_sums VALUES ('spans', 30, 1, 1062050072158);
INSERT INTO row_sums VALUES ('spans', 32, 1, 268314513888);
INSERT INTO row_sums VALUES ('spans', 33, 2, 1574483536194);
INSERT INTO row_sums VALUES ('spans', 34, 1, 983256543522);
INSERT INTO row_sums VALUES ('spans', 35, 1, 795788036515);
INSERT INTO row_sums VALUES ('spans', 38, 2, 717402082380);
INSERT INTO row_sums VALUES ('spans', 39, 1, 81094712167);
INSERT INTO row_sums VALUES ('spans', 40, 1, 933889313384);
INSERT INTO row_sums VALUES ('spans', 43, 1, 467374355435);
INSERT INTO row_sums VALUES ('spans', 44, 2, 494050286232);
INSERT INTO row_sums VALUES ('spans', 45, 2, 1022553391706);
INSERT INTO row_sums VALUES ('spans', 46, 3, 1794571848202);
INSERT INTO row_sums VALUES ('spans', 47, 2, 513072499038);
INSERT INTO row_sums VALUES ('spans', 50, 1, 541694435698);
INSERT INTO row_sums VALUES ('spans', 53, 1, 91711922229);
INSERT INTO row_sums VALUES ('spans', 54, 1, 947640318390);
INSERT INTO row_sums VALUES ('spans', 55, 1, 714215377463);
INSERT INTO row_sums VALUES ('spans', 57, 1, 932354726201);
INSERT INTO row_sums VALUES ('spans', 63, 1, 726694051071);
INSERT INTO row_sums VALUES ('adjudications', 33, 1, 251416452193);
INSERT INTO row_sums VALUES ('annotations', 4, 1, 162730788100);
INSERT INTO row_sums VALUES ('annotations', 15, 1, 1029000130191);
INSERT INTO row_sums VALUES ('annotations', 34, 1, 763431596578);
INSERT INTO row_sums VALUES ('annotations', 39, 2, 883558570126);
INSERT INTO row_sums VALUES ('annotations', 44, 1, 176503094572);
INSERT INTO row_sums VALUES ('assignments', 6, 1, 809717936454);
INSERT INTO row_sums VALUES ('assignments', 25, 1, 760090150233);
INSERT INTO row_sums VALUES ('assignments', 59, 1, 337029582651);
INSERT INTO row_sums VALUES ('assignments', 63, 1, 197274697343);
INSERT INTO row_sums VALUES ('suggestions', 17, 1, 14495960209);
INSERT INTO shingle_signatures VALUES ('04012433d891', '1', '\xc671c304fbf78d19fd254e1bece6461f44b2e42270197a2c9843d24b015f9b57e00f1758dea23d61f780fc6326dfd16dcf0b148ec11df58f9e440595b25476a48a27abb0d8bc4cb9c80b90c2de9b7dc631e612d5adcbc9dcc9ccb0e12db700f8');
INSERT INTO shingle_signatures VALUES ('3f5efe3766eb', '1', '\xc671c3045a12ee092ccc3e16ece6461feab170224d67eb22802bd9238782552a7f29522bf871102c70197a2c15fe7c499843d24b015f9b57e00f175816079d5e00717284c11df58f8a27abb0d8bc4cb9c33399c547062ccbc9ccb0e193eb07f0');
INSERT INTO shingle_signatures VALUES ('59ecdf028d37', '1', '\xe51b5b02c671c304e3d61614ece6461f109c5b223f5a672395baad25cfc6ac263c09012a70197a2c5529263fa46447459843d24b19a9654e29125855015f9b57e00f175822dbde63f9bb5083c11df58f8a27abb0d8bc4cb90f0049cbc9ccb0e1da1375f5');
INSERT INTO shingle_signatures VALUES ('62e0c74a951c', '1', '\xc671c3047e918e11f2f82b187c5e3d1bece6461fbde5d21f70197a2c9843d24b1ff31950015f9b57e00f17584d75b0588483d460f1a02674c11df58f8a27abb0f7057fb2d8bc4cb9e4f473be2b5a1fc9563317d366797cd6c9ccb0e14e84b5fc2332f7ff');
INSERT INTO shingle_signatures VALUES ('8732254542b9', '1', '\x70893603c671c304d4caf409ece6461f70197a2ca59eea35c002b7392854173f9843d24b7e6fb34c015f9b57e00f1758f45905637e6690639a385c863834cf87c11df58fc78ff79e27e30cad8a27abb0d8bc4cb9b3cf11d0c9ccb0e11f978aeeb12128f0');
INSERT INTO shingles VALUES (39525349, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (53905776, '8732254542b9', -25);
INSERT INTO shingles VALUES (79917510, '04012433d891', -24);
INSERT INTO shingles VALUES (79917510, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (79917510, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (79917510, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (79917510, '8732254542b9', -25);
INSERT INTO shingles VALUES (166597210, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (167037652, '8732254542b9', -25);
INSERT INTO shingles VALUES (294556030, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (337041123, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (373214252, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (405534962, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (428734459, '04012433d891', -24);
INSERT INTO shingles VALUES (457006716, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (458106365, '04012433d891', -24);
INSERT INTO shingles VALUES (524740332, '04012433d891', -24);
INSERT INTO shingles VALUES (524740332, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (524740332, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (524740332, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (524740332, '8732254542b9', -25);
INSERT INTO shingles VALUES (533915069, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (576429072, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (577810922, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (585413188, '04012433d891', -24);
INSERT INTO shingles VALUES (585852749, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (593975871, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (601435008, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (632142485, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (648857295, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (704710972, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (710247047, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (726804863, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (739275256, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (746199408, '04012433d891', -24);
INSERT INTO shingles VALUES (746199408, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (746199408, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (746199408, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (746199408, '8732254542b9', -25);
INSERT INTO shingles VALUES (904568485, '8732254542b9', -25);
INSERT INTO shingles VALUES (968295104, '8732254542b9', -25);
INSERT INTO shingles VALUES (1058493480, '8732254542b9', -25);
INSERT INTO shingles VALUES (1059465557, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (1162306724, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (1232928277, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (1272071064, '04012433d891', -24);
INSERT INTO shingles VALUES (1272071064, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (1272071064, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (1272071064, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (1272071064, '8732254542b9', -25);
INSERT INTO shingles VALUES (1286827902, '8732254542b9', -25);
INSERT INTO shingles VALUES (1315285273, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (1343877919, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (1431835177, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (1469800193, '04012433d891', -24);
INSERT INTO shingles VALUES (1469800193, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (1469800193, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (1469800193, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (1469800193, '8732254542b9', -25);
INSERT INTO shingles VALUES (1477906400, '04012433d891', -24);
INSERT INTO shingles VALUES (1477906400, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (1477906400, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (1477906400, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (1477906400, '8732254542b9', -25);
INSERT INTO shingles VALUES (1487959373, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (1587349270, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (1624540036, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (1631429342, '04012433d891', -24);
INSERT INTO shingles VALUES (1661295092, '8732254542b9', -25);
INSERT INTO shingles VALUES (1670407806, '8732254542b9', -25);
INSERT INTO shingles VALUES (1675549474, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (1677492471, '04012433d891', -24);
INSERT INTO shingles VALUES (1842470694, '04012433d891', -24);
INSERT INTO shingles VALUES (1948688625, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (2203106297, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (2222092544, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (2254190746, '8732254542b9', -25);
INSERT INTO shingles VALUES (2278503480, '8732254542b9', -25);
INSERT INTO shingles VALUES (2383678415, '04012433d891', -24);
INSERT INTO shingles VALUES (2415205825, '04012433d891', -24);
INSERT INTO shingles VALUES (2415205825, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (2415205825, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (2415205825, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (2415205825, '8732254542b9', -25);
INSERT INTO shingles VALUES (2500150430, '04012433d891', -24);
INSERT INTO shingles VALUES (2667024327, '8732254542b9', -25);
INSERT INTO shingles VALUES (2759218354, '04012433d891', -24);
INSERT INTO shingles VALUES (2903302951, '8732254542b9', -25);
INSERT INTO shingles VALUES (2964006794, '04012433d891', -24);
INSERT INTO shingles VALUES (2964006794, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (2964006794, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (2964006794, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (2964006794, '8732254542b9', -25);
INSERT INTO shingles VALUES (2994669047, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (3108814040, '04012433d891', -24);
INSERT INTO shingles VALUES (3108814040, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (3108814040, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (3108814040, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (3108814040, '8732254542b9', -25);
INSERT INTO shingles VALUES (3195270372, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (3264220104, '04012433d891', -24);
INSERT INTO shingles VALUES (3315151811, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (3330120670, '04012433d891', -24);
INSERT INTO shingles VALUES (3374275115, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (3408660039, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (3410558991, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (3490828211, '8732254542b9', -25);
INSERT INTO shingles VALUES (3541513046, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (3574785585, '04012433d891', -24);
INSERT INTO shingles VALUES (3598481766, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (3704212397, '04012433d891', -24);
INSERT INTO shingles VALUES (3786460361, '04012433d891', -24);
INSERT INTO shingles VALUES (3786460361, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (3786460361, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (3786460361, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (3786460361, '8732254542b9', -25);
INSERT INTO shingles VALUES (4002060063, '8732254542b9', -25);
INSERT INTO shingles VALUES (4027050899, '3f5efe3766eb', -24);
INSERT INTO shingles VALUES (4029161905, '8732254542b9', -25);
INSERT INTO shingles VALUES (4118090714, '59ecdf028d37', -25);
INSERT INTO shingles VALUES (4160796461, '04012433d891', -24);
INSERT INTO shingles VALUES (4239754318, '62e0c74a951c', -25);
INSERT INTO shingles VALUES (4294390307, '62e0c74a951c', -25);
INSERT INTO spans VALUES ('04012433d891-ed215215:article:0-145', '04012433d891-ed215215', 'article', 0, 145, 'split');
INSERT INTO spans VALUES ('04012433d891-ed215215:headline:0-8', '04012433d891-ed215215', 'headline', 0, 8, 'split');
INSERT INTO spans VALUES ('04012433d891-ed215215:paragraph:10-73', '04012433d891-ed215215', 'paragraph', 10, 73, 'split');
INSERT INTO spans VALUES ('04012433d891-ed215215:sentence:10-73', '04012433d891-ed215215', 'sentence', 10, 73, 'split');
INSERT INTO spans VALUES ('04012433d891-ed215215:mention:19-28', '04012433d891-ed215215', 'mention', 19, 28, 'split');
INSERT INTO spans VALUES ('04012433d891-ed215215:furniture:75-145', '04012433d891-ed215215', 'furniture', 75, 145, 'split');
INSERT INTO spans VALUES ('3f5efe3766eb-d9423f50:article:0-151', '3f5efe3766eb-d9423f50', 'article', 0, 151, 'split');
INSERT INTO spans VALUES ('3f5efe3766eb-d9423f50:headline:0-8', '3f5efe3766eb-d9423f50', 'headline', 0, 8, 'split');
INSERT INTO spans VALUES ('3f5efe3766eb-d9423f50:paragraph:10-79', '3f5efe3766eb-d9423f50', 'paragraph', 10, 79, 'split');
INSERT INTO spans VALUES ('3f5efe3766eb-d9423f50:sentence:10-79', '3f5efe3766eb-d9423f50', 'sentence', 10, 79, 'split');
INSERT INTO spans VALUES ('3f5efe3766eb-d9423f50:mention:19-28', '3f5efe3766eb-d9423f50', 'mention', 19, 28, 'split');
INSERT INTO spans VALUES ('3f5efe3766eb-d9423f50:mention:45-49', '3f5efe3766eb-d9423f50', 'mention', 45, 49, 'split');
INSERT INTO spans VALUES ('3f5efe3766eb-d9423f50:paragraph:81-151', '3f5efe3766eb-d9423f50', 'paragraph', 81, 151, 'split');
INSERT INTO spans VALUES ('3f5efe3766eb-d9423f50:sentence:81-151', '3f5efe3766eb-d9423f50', 'sentence', 81, 151, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-867d4dc9:article:0-151', '59ecdf028d37-867d4dc9', 'article', 0, 151, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-867d4dc9:headline:0-8', '59ecdf028d37-867d4dc9', 'headline', 0, 8, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-867d4dc9:paragraph:10-79', '59ecdf028d37-867d4dc9', 'paragraph', 10, 79, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-867d4dc9:sentence:10-79', '59ecdf028d37-867d4dc9', 'sentence', 10, 79, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-867d4dc9:mention:17-21', '59ecdf028d37-867d4dc9', 'mention', 17, 21, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-867d4dc9:furniture:81-151', '59ecdf028d37-867d4dc9', 'furniture', 81, 151, 'split');
INSERT INTO spans VALUES ('62e0c74a951c-b626e7cf:article:0-150', '62e0c74a951c-b626e7cf', 'article', 0, 150, 'split');
INSERT INTO spans VALUES ('62e0c74a951c-b626e7cf:headline:0-8', '62e0c74a951c-b626e7cf', 'headline', 0, 8, 'split');
INSERT INTO spans VALUES ('62e0c74a951c-b626e7cf:paragraph:10-78', '62e0c74a951c-b626e7cf', 'paragraph', 10, 78, 'split');
INSERT INTO spans VALUES ('62e0c74a951c-b626e7cf:sentence:10-78', '62e0c74a951c-b626e7cf', 'sentence', 10, 78, 'split');
INSERT INTO spans VALUES ('62e0c74a951c-b626e7cf:mention:26-30', '62e0c74a951c-b626e7cf', 'mention', 26, 30, 'split');
INSERT INTO spans VALUES ('62e0c74a951c-b626e7cf:furniture:80-150', '62e0c74a951c-b626e7cf', 'furniture', 80, 150, 'split');
INSERT INTO spans VALUES ('8732254542b9-3d866a60:article:0-146', '8732254542b9-3d866a60', 'article', 0, 146, 'split');
INSERT INTO spans VALUES ('8732254542b9-3d866a60:headline:0-8', '8732254542b9-3d866a60', 'headline', 0, 8, 'split');
INSERT INTO spans VALUES ('8732254542b9-3d866a60:paragraph:10-74', '8732254542b9-3d866a60', 'paragraph', 10, 74, 'split');
INSERT INTO spans VALUES ('8732254542b9-3d866a60:sentence:10-74', '8732254542b9-3d866a60', 'sentence', 10, 74, 'split');
INSERT INTO spans VALUES ('8732254542b9-3d866a60:furniture:76-146', '8732254542b9-3d866a60', 'furniture', 76, 146, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-358eb70e:article:0-152', '59ecdf028d37-358eb70e', 'article', 0, 152, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-358eb70e:headline:0-8', '59ecdf028d37-358eb70e', 'headline', 0, 8, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-358eb70e:paragraph:10-80', '59ecdf028d37-358eb70e', 'paragraph', 10, 80, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-358eb70e:sentence:10-80', '59ecdf028d37-358eb70e', 'sentence', 10, 80, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-358eb70e:mention:17-21', '59ecdf028d37-358eb70e', 'mention', 17, 21, 'split');
INSERT INTO spans VALUES ('59ecdf028d37-358eb70e:furniture:82-152', '59ecdf028d37-358eb70e', 'furniture', 82, 152, 'split');
INSERT INTO suggestions VALUES ('04012433d891-ed215215:mention:19-28', 'wording', 'm1', '', '{"plain": 0.25, "liberation": 0.75}', '7782aa01092ca47c');
INSERT INTO tallies VALUES ('lock', '', 0);
INSERT INTO tallies VALUES ('articles', 'Courier', 1);
INSERT INTO tallies VALUES ('articles', 'Herald', 4);
INSERT INTO tallies VALUES ('copy_groups', '', 5);
INSERT INTO tallies VALUES ('spans', 'article', 5);
INSERT INTO tallies VALUES ('spans', 'furniture', 4);
INSERT INTO tallies VALUES ('spans', 'headline', 5);
INSERT INTO tallies VALUES ('spans', 'mention', 5);
INSERT INTO tallies VALUES ('spans', 'paragraph', 6);
INSERT INTO tallies VALUES ('spans', 'sentence', 6);
SELECT pg_catalog.setval('log_id_seq', 1, false);
SELECT pg_catalog.setval('removals_id_seq', 1, false);
ALTER TABLE ONLY adjudication_projects
    ADD CONSTRAINT adjudication_projects_pkey PRIMARY KEY (round, adjudicator);
ALTER TABLE ONLY adjudications
    ADD CONSTRAINT adjudications_pkey PRIMARY KEY (round, span, variable);
ALTER TABLE ONLY annotations
    ADD CONSTRAINT annotations_pkey PRIMARY KEY (span, variable, coder, round);
ALTER TABLE ONLY articles
    ADD CONSTRAINT articles_pkey PRIMARY KEY (id);
ALTER TABLE ONLY assignments
    ADD CONSTRAINT assignments_pkey PRIMARY KEY (round, span, coder);
ALTER TABLE ONLY cut_texts
    ADD CONSTRAINT cut_texts_pkey PRIMARY KEY (article);
ALTER TABLE ONLY draws
    ADD CONSTRAINT draws_pkey PRIMARY KEY (round, span);
ALTER TABLE ONLY event_assignments
    ADD CONSTRAINT event_assignments_pkey PRIMARY KEY (article);
ALTER TABLE ONLY events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY excluded_passages
    ADD CONSTRAINT excluded_passages_pkey PRIMARY KEY (revision, start, "end");
ALTER TABLE ONLY feed_entries
    ADD CONSTRAINT feed_entries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY feed_hosts
    ADD CONSTRAINT feed_hosts_pkey PRIMARY KEY (origin);
ALTER TABLE ONLY feeds
    ADD CONSTRAINT feeds_pkey PRIMARY KEY (url);
ALTER TABLE ONLY furniture_decisions
    ADD CONSTRAINT furniture_decisions_pkey PRIMARY KEY (outlet, digest);
ALTER TABLE ONLY log
    ADD CONSTRAINT log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (round, span, coder);
ALTER TABLE ONLY outlets
    ADD CONSTRAINT outlets_pkey PRIMARY KEY (name);
ALTER TABLE ONLY pages
    ADD CONSTRAINT pages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY paragraph_counts
    ADD CONSTRAINT paragraph_counts_pkey PRIMARY KEY (outlet, digest);
ALTER TABLE ONLY paragraph_overrides
    ADD CONSTRAINT paragraph_overrides_pkey PRIMARY KEY (revision, start, "end");
ALTER TABLE ONLY paragraph_owners
    ADD CONSTRAINT paragraph_owners_pkey PRIMARY KEY (outlet, digest, article);
ALTER TABLE ONLY pending_revisions
    ADD CONSTRAINT pending_revisions_pkey PRIMARY KEY (work, revision);
ALTER TABLE ONLY raw_annotations
    ADD CONSTRAINT raw_annotations_pkey PRIMARY KEY (span, variable, coder, round, codebook_version);
ALTER TABLE ONLY removals
    ADD CONSTRAINT removals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY revisions
    ADD CONSTRAINT revisions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY round_designs
    ADD CONSTRAINT round_designs_pkey PRIMARY KEY (round);
ALTER TABLE ONLY round_suggestions
    ADD CONSTRAINT round_suggestions_pkey PRIMARY KEY (round, span, variable);
ALTER TABLE ONLY rounds
    ADD CONSTRAINT rounds_pkey PRIMARY KEY (name);
ALTER TABLE ONLY row_sums
    ADD CONSTRAINT row_sums_pkey PRIMARY KEY ("table", part);
ALTER TABLE ONLY scored_revisions
    ADD CONSTRAINT scored_revisions_pkey PRIMARY KEY (revision);
ALTER TABLE ONLY shingle_signatures
    ADD CONSTRAINT shingle_signatures_pkey PRIMARY KEY (article);
ALTER TABLE ONLY shingles
    ADD CONSTRAINT shingles_pkey PRIMARY KEY (hash, article);
ALTER TABLE ONLY span_links
    ADD CONSTRAINT span_links_pkey PRIMARY KEY (span, same_span);
ALTER TABLE ONLY spans
    ADD CONSTRAINT spans_pkey PRIMARY KEY (id);
ALTER TABLE ONLY split_articles
    ADD CONSTRAINT split_articles_pkey PRIMARY KEY (id);
ALTER TABLE ONLY split_parts
    ADD CONSTRAINT split_parts_pkey PRIMARY KEY (article);
ALTER TABLE ONLY studio_projects
    ADD CONSTRAINT studio_projects_pkey PRIMARY KEY (round, coder);
ALTER TABLE ONLY studio_tasks
    ADD CONSTRAINT studio_tasks_pkey PRIMARY KEY (round, span, coder);
ALTER TABLE ONLY suggestions
    ADD CONSTRAINT suggestions_pkey PRIMARY KEY (span, variable, model);
ALTER TABLE ONLY tallies
    ADD CONSTRAINT tallies_pkey PRIMARY KEY (what, name);
CREATE INDEX ix_articles_copy_group ON articles USING btree (copy_group);
CREATE INDEX ix_articles_outlet ON articles USING btree (outlet);
CREATE INDEX ix_event_assignments_event ON event_assignments USING btree (event);
CREATE INDEX ix_feed_entries_article ON feed_entries USING btree (article);
CREATE INDEX ix_feed_entries_feed ON feed_entries USING btree (feed);
CREATE INDEX ix_feed_entries_url ON feed_entries USING btree (url);
CREATE INDEX ix_pages_url ON pages USING btree (url);
CREATE INDEX ix_removals_name ON removals USING btree (name);
CREATE UNIQUE INDEX ix_revisions_article_number ON revisions USING btree (article, number);
CREATE INDEX ix_spans_revision ON spans USING btree (revision);
CREATE INDEX ix_split_parts_split_article ON split_parts USING btree (split_article);
CREATE INDEX ix_studio_tasks_task ON studio_tasks USING btree (task);
CREATE TRIGGER slantwise_delete AFTER DELETE ON adjudication_projects REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON adjudications REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON annotations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON articles REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON assignments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON cut_texts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON draws REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON event_assignments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON events REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON excluded_passages REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON feed_entries REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON feed_hosts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON feeds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON furniture_decisions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON log REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON meta REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON outcomes REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON outlets REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON pages REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON paragraph_counts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON paragraph_overrides REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON paragraph_owners REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON pending_revisions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON raw_annotations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON removals REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON revisions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON round_designs REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON round_suggestions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON rounds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON scored_revisions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON span_links REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON spans REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON split_articles REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON split_parts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON studio_projects REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON studio_tasks REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON suggestions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_delete AFTER DELETE ON tallies REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON adjudication_projects REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON adjudications REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON annotations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON articles REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON assignments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON cut_texts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON draws REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON event_assignments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON events REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON excluded_passages REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON feed_entries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON feed_hosts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON feeds REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON furniture_decisions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON log REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON meta REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON outcomes REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON outlets REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON pages REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON paragraph_counts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON paragraph_overrides REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON paragraph_owners REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON pending_revisions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON raw_annotations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON removals REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON revisions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON round_designs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON round_suggestions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON rounds REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON scored_revisions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON span_links REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON spans REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON split_articles REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON split_parts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON studio_projects REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON studio_tasks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON suggestions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_insert AFTER INSERT ON tallies REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON adjudication_projects REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON adjudications REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON annotations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON articles REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON assignments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON cut_texts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON draws REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON event_assignments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON events REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON excluded_passages REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON feed_entries REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON feed_hosts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON feeds REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON furniture_decisions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON log REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON meta REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON outcomes REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON outlets REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON pages REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON paragraph_counts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON paragraph_overrides REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON paragraph_owners REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON pending_revisions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON raw_annotations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON removals REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON revisions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON round_designs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON round_suggestions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON rounds REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON scored_revisions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON span_links REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON spans REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON split_articles REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON split_parts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON studio_projects REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON studio_tasks REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON suggestions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
CREATE TRIGGER slantwise_update AFTER UPDATE ON tallies REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums();
ALTER TABLE ONLY adjudications
    ADD CONSTRAINT adjudications_span_fkey1 FOREIGN KEY (span) REFERENCES spans(id);
ALTER TABLE ONLY annotations
    ADD CONSTRAINT annotations_span_fkey1 FOREIGN KEY (span) REFERENCES spans(id);
ALTER TABLE ONLY articles
    ADD CONSTRAINT articles_outlet_fkey FOREIGN KEY (outlet) REFERENCES outlets(name);
ALTER TABLE ONLY assignments
    ADD CONSTRAINT assignments_round_fkey1 FOREIGN KEY (round) REFERENCES rounds(name);
ALTER TABLE ONLY assignments
    ADD CONSTRAINT assignments_span_fkey1 FOREIGN KEY (span) REFERENCES spans(id);
ALTER TABLE ONLY cut_texts
    ADD CONSTRAINT cut_texts_article_fkey FOREIGN KEY (article) REFERENCES articles(id);
ALTER TABLE ONLY draws
    ADD CONSTRAINT draws_round_fkey1 FOREIGN KEY (round) REFERENCES rounds(name);
ALTER TABLE ONLY event_assignments
    ADD CONSTRAINT event_assignments_article_fkey FOREIGN KEY (article) REFERENCES articles(id);
ALTER TABLE ONLY excluded_passages
    ADD CONSTRAINT excluded_passages_revision_fkey FOREIGN KEY (revision) REFERENCES revisions(id);
ALTER TABLE ONLY feed_entries
    ADD CONSTRAINT feed_entries_article_fkey FOREIGN KEY (article) REFERENCES articles(id);
ALTER TABLE ONLY feed_entries
    ADD CONSTRAINT feed_entries_feed_fkey FOREIGN KEY (feed) REFERENCES feeds(url);
ALTER TABLE ONLY feeds
    ADD CONSTRAINT feeds_outlet_fkey FOREIGN KEY (outlet) REFERENCES outlets(name);
ALTER TABLE ONLY furniture_decisions
    ADD CONSTRAINT furniture_decisions_outlet_fkey FOREIGN KEY (outlet) REFERENCES outlets(name);
ALTER TABLE ONLY outcomes
    ADD CONSTRAINT outcomes_round_fkey FOREIGN KEY (round) REFERENCES rounds(name);
ALTER TABLE ONLY outcomes
    ADD CONSTRAINT outcomes_span_fkey FOREIGN KEY (span) REFERENCES spans(id);
ALTER TABLE ONLY paragraph_counts
    ADD CONSTRAINT paragraph_counts_outlet_fkey FOREIGN KEY (outlet) REFERENCES outlets(name);
ALTER TABLE ONLY paragraph_overrides
    ADD CONSTRAINT paragraph_overrides_revision_fkey FOREIGN KEY (revision) REFERENCES revisions(id);
ALTER TABLE ONLY paragraph_owners
    ADD CONSTRAINT paragraph_owners_article_fkey FOREIGN KEY (article) REFERENCES articles(id);
ALTER TABLE ONLY paragraph_owners
    ADD CONSTRAINT paragraph_owners_outlet_fkey FOREIGN KEY (outlet) REFERENCES outlets(name);
ALTER TABLE ONLY pending_revisions
    ADD CONSTRAINT pending_revisions_revision_fkey FOREIGN KEY (revision) REFERENCES revisions(id);
ALTER TABLE ONLY raw_annotations
    ADD CONSTRAINT raw_annotations_span_fkey1 FOREIGN KEY (span) REFERENCES spans(id);
ALTER TABLE ONLY revisions
    ADD CONSTRAINT revisions_article_fkey FOREIGN KEY (article) REFERENCES articles(id);
ALTER TABLE ONLY round_designs
    ADD CONSTRAINT round_designs_round_fkey FOREIGN KEY (round) REFERENCES rounds(name);
ALTER TABLE ONLY round_suggestions
    ADD CONSTRAINT round_suggestions_round_fkey FOREIGN KEY (round) REFERENCES rounds(name);
ALTER TABLE ONLY round_suggestions
    ADD CONSTRAINT round_suggestions_span_fkey FOREIGN KEY (span) REFERENCES spans(id);
ALTER TABLE ONLY scored_revisions
    ADD CONSTRAINT scored_revisions_revision_fkey FOREIGN KEY (revision) REFERENCES revisions(id);
ALTER TABLE ONLY shingle_signatures
    ADD CONSTRAINT shingle_signatures_article_fkey FOREIGN KEY (article) REFERENCES articles(id);
ALTER TABLE ONLY shingles
    ADD CONSTRAINT shingles_article_fkey FOREIGN KEY (article) REFERENCES articles(id);
ALTER TABLE ONLY span_links
    ADD CONSTRAINT span_links_same_span_fkey FOREIGN KEY (same_span) REFERENCES spans(id);
ALTER TABLE ONLY span_links
    ADD CONSTRAINT span_links_span_fkey FOREIGN KEY (span) REFERENCES spans(id);
ALTER TABLE ONLY spans
    ADD CONSTRAINT spans_revision_fkey FOREIGN KEY (revision) REFERENCES revisions(id);
ALTER TABLE ONLY split_parts
    ADD CONSTRAINT split_parts_article_fkey FOREIGN KEY (article) REFERENCES articles(id);
ALTER TABLE ONLY split_parts
    ADD CONSTRAINT split_parts_split_article_fkey FOREIGN KEY (split_article) REFERENCES split_articles(id);
ALTER TABLE ONLY studio_projects
    ADD CONSTRAINT studio_projects_round_fkey FOREIGN KEY (round) REFERENCES rounds(name);
ALTER TABLE ONLY studio_tasks
    ADD CONSTRAINT studio_tasks_round_fkey FOREIGN KEY (round) REFERENCES rounds(name);
ALTER TABLE ONLY studio_tasks
    ADD CONSTRAINT studio_tasks_span_fkey FOREIGN KEY (span) REFERENCES spans(id);
ALTER TABLE ONLY suggestions
    ADD CONSTRAINT suggestions_span_fkey1 FOREIGN KEY (span) REFERENCES spans(id);
