CREATE TABLE "arrivals" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"at" timestamp(6) with time zone NOT NULL,
	"caller_kind" text NOT NULL,
	"key_id" uuid,
	"origin" text,
	"pseudonym" text,
	"method" text NOT NULL,
	"route" text NOT NULL,
	"status" integer NOT NULL,
	"code" text,
	"detail" text,
	"field" text,
	"event_types" text[],
	"event_count" integer,
	"refusals" jsonb,
	"refused_count" integer,
	"took_ms" double precision NOT NULL,
	CONSTRAINT "arrivals_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "dataset_picks" (
	"project_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"at" integer NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "dataset_picks_project_id_version_id_at_pk" PRIMARY KEY("project_id","version_id","at")
);
--> statement-breakpoint
CREATE TABLE "dataset_rows" (
	"project_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"item_id" uuid NOT NULL,
	"item_content_id" uuid NOT NULL,
	"input_hash" text NOT NULL,
	"group_key" text NOT NULL,
	"split" text NOT NULL,
	"values" jsonb NOT NULL,
	"facts" jsonb NOT NULL,
	"exposure_id" uuid,
	"entry_id" uuid,
	"row_hash" text NOT NULL,
	CONSTRAINT "dataset_rows_project_id_version_id_number_pk" PRIMARY KEY("project_id","version_id","number")
);
--> statement-breakpoint
CREATE TABLE "dataset_versions" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"dataset_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"state" text DEFAULT 'freezing' NOT NULL,
	"job_id" uuid,
	"parent_version_id" uuid,
	"definition" jsonb NOT NULL,
	"row_count" integer DEFAULT 0 NOT NULL,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"rows_hash" text,
	"content_sha256" text,
	"content_bytes" bigint,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"frozen_at" timestamp(6) with time zone,
	"overtaken_at" timestamp(6) with time zone,
	"overtaken_reason" text,
	CONSTRAINT "dataset_versions_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"target" text NOT NULL,
	"selection" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"rules" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"archived_at" timestamp(6) with time zone,
	CONSTRAINT "datasets_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "dataset_groups" (
	"project_id" uuid NOT NULL,
	"group_key" text NOT NULL,
	"split" text NOT NULL,
	"version_id" uuid NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "dataset_groups_project_id_group_key_pk" PRIMARY KEY("project_id","group_key")
);
--> statement-breakpoint
CREATE TABLE "item_vectors" (
	"project_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"vector" "bytea" NOT NULL,
	CONSTRAINT "item_vectors_project_id_item_id_kind_pk" PRIMARY KEY("project_id","item_id","kind")
);
--> statement-breakpoint
CREATE TABLE "learned_examples" (
	"project_id" uuid NOT NULL,
	"exposure_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"value_content_id" uuid NOT NULL,
	"normal_hash" text NOT NULL,
	"learned_at" timestamp(6) with time zone NOT NULL,
	CONSTRAINT "learned_examples_project_id_exposure_id_pk" PRIMARY KEY("project_id","exposure_id")
);
--> statement-breakpoint
CREATE TABLE "learned_shown" (
	"project_id" uuid NOT NULL,
	"exposure_id" uuid NOT NULL,
	"candidate_id" uuid NOT NULL,
	"learned_from_exposure_id" uuid,
	"shared_example_id" uuid,
	"training_row" integer,
	CONSTRAINT "learned_shown_project_id_exposure_id_candidate_id_pk" PRIMARY KEY("project_id","exposure_id","candidate_id")
);
--> statement-breakpoint
CREATE TABLE "memory_snapshots" (
	"project_id" uuid NOT NULL,
	"id" text NOT NULL,
	"personal" uuid[] NOT NULL,
	"shared" uuid[] NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "memory_snapshots_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "shared_examples" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"source" text NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"input_content_id" uuid NOT NULL,
	"value_content_id" uuid NOT NULL,
	"normal_hash" text NOT NULL,
	"exposure_ids" uuid[] NOT NULL,
	"vector_kind" text,
	"vector" "bytea",
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"withdrawn_at" timestamp(6) with time zone,
	"withdrawn_reason" text,
	CONSTRAINT "shared_examples_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "training_rows" (
	"project_id" uuid NOT NULL,
	"model_version_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"input_content_id" uuid NOT NULL,
	"value_content_id" uuid NOT NULL,
	"shared_example_id" uuid,
	"exposure_ids" uuid[] NOT NULL,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"vector" "bytea",
	"withdrawn_at" timestamp(6) with time zone,
	CONSTRAINT "training_rows_project_id_model_version_id_number_pk" PRIMARY KEY("project_id","model_version_id","number")
);
--> statement-breakpoint
CREATE TABLE "answers" (
	"project_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"queue_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"verdicts" jsonb NOT NULL,
	"content_id" uuid,
	"content_hash" text,
	"text_count" smallint NOT NULL,
	"specification_version" integer NOT NULL,
	"submitted_at" timestamp(6) with time zone NOT NULL,
	CONSTRAINT "answers_project_id_event_id_pk" PRIMARY KEY("project_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "assignment_passes" (
	"project_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"queue_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"flagged" boolean NOT NULL,
	CONSTRAINT "assignment_passes_project_id_entry_id_actor_id_pk" PRIMARY KEY("project_id","entry_id","actor_id")
);
--> statement-breakpoint
CREATE TABLE "assignments" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"queue_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"actor_id" uuid,
	"session_id" uuid,
	"token" integer DEFAULT 0 NOT NULL,
	"leased_until" timestamp(6) with time zone,
	"claimed_at" timestamp(6) with time zone,
	"done_at" timestamp(6) with time zone,
	CONSTRAINT "assignments_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "drafts" (
	"project_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"body" jsonb NOT NULL,
	"revision" integer NOT NULL,
	"saved_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "drafts_project_id_entry_id_actor_id_pk" PRIMARY KEY("project_id","entry_id","actor_id")
);
--> statement-breakpoint
CREATE TABLE "queue_entries" (
	"project_id" uuid NOT NULL,
	"queue_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"item_id" uuid NOT NULL,
	"exposure_id" uuid,
	"prediction_id" uuid,
	"model_version_id" uuid,
	"strategy" text NOT NULL,
	"pool_size" integer NOT NULL,
	"inclusion_probability" double precision NOT NULL,
	"seed" text,
	"rank" integer NOT NULL,
	"score" double precision,
	"overlap" smallint NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "queue_entries_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "queues" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"name" text NOT NULL,
	"strategy" text NOT NULL,
	"rule" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"instructions" text DEFAULT '' NOT NULL,
	"overlap" smallint DEFAULT 1 NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"next_position" bigint DEFAULT 1 NOT NULL,
	"position_floor" bigint DEFAULT 0 NOT NULL,
	"refilled_at" timestamp(6) with time zone,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "queues_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "resolutions" (
	"project_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"queue_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"source" text NOT NULL,
	"values" jsonb NOT NULL,
	"answer_event_ids" uuid[] NOT NULL,
	"agreement" double precision,
	"resolved_at" timestamp(6) with time zone NOT NULL,
	CONSTRAINT "resolutions_project_id_entry_id_pk" PRIMARY KEY("project_id","entry_id")
);
--> statement-breakpoint
CREATE TABLE "review_events" (
	"project_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"body_hash" text NOT NULL,
	"queue_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"assignment_id" uuid NOT NULL,
	"token" integer NOT NULL,
	"actor_id" uuid NOT NULL,
	"type" text NOT NULL,
	"target_event_id" uuid,
	"verdicts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"content_id" uuid,
	"content_hash" text,
	"text_count" smallint DEFAULT 0 NOT NULL,
	"reason" text,
	"specification_version" integer DEFAULT 1 NOT NULL,
	"active_ms" double precision,
	"answer" jsonb NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "review_events_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"server_time" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "review_events_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "exposures" ADD COLUMN "memory_snapshot" text;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "actor_id" uuid;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "memory_snapshot" text;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "origins" text[] DEFAULT '{}'::text[] NOT NULL;--> statement-breakpoint
ALTER TABLE "arrivals" ADD CONSTRAINT "arrivals_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_picks" ADD CONSTRAINT "dataset_picks_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_picks" ADD CONSTRAINT "dataset_picks_project_id_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_rows" ADD CONSTRAINT "dataset_rows_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_rows" ADD CONSTRAINT "dataset_rows_project_id_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_rows" ADD CONSTRAINT "dataset_rows_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_rows" ADD CONSTRAINT "dataset_rows_project_id_item_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","item_content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD CONSTRAINT "dataset_versions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD CONSTRAINT "dataset_versions_project_id_dataset_id_datasets_project_id_id_fk" FOREIGN KEY ("project_id","dataset_id") REFERENCES "public"."datasets"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_groups" ADD CONSTRAINT "dataset_groups_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_vectors" ADD CONSTRAINT "item_vectors_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_vectors" ADD CONSTRAINT "item_vectors_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learned_examples" ADD CONSTRAINT "learned_examples_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learned_examples" ADD CONSTRAINT "learned_examples_project_id_exposure_id_exposures_project_id_id_fk" FOREIGN KEY ("project_id","exposure_id") REFERENCES "public"."exposures"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learned_examples" ADD CONSTRAINT "learned_examples_project_id_actor_id_actors_project_id_id_fk" FOREIGN KEY ("project_id","actor_id") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learned_shown" ADD CONSTRAINT "learned_shown_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learned_shown" ADD CONSTRAINT "learned_shown_project_id_exposure_id_exposures_project_id_id_fk" FOREIGN KEY ("project_id","exposure_id") REFERENCES "public"."exposures"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memory_snapshots" ADD CONSTRAINT "memory_snapshots_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared_examples" ADD CONSTRAINT "shared_examples_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared_examples" ADD CONSTRAINT "shared_examples_project_id_input_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","input_content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared_examples" ADD CONSTRAINT "shared_examples_project_id_value_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","value_content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_rows" ADD CONSTRAINT "training_rows_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_rows" ADD CONSTRAINT "training_rows_project_id_model_version_id_model_versions_project_id_id_fk" FOREIGN KEY ("project_id","model_version_id") REFERENCES "public"."model_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answers" ADD CONSTRAINT "answers_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment_passes" ADD CONSTRAINT "assignment_passes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment_passes" ADD CONSTRAINT "assignment_passes_project_id_entry_id_queue_entries_project_id_id_fk" FOREIGN KEY ("project_id","entry_id") REFERENCES "public"."queue_entries"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_project_id_entry_id_queue_entries_project_id_id_fk" FOREIGN KEY ("project_id","entry_id") REFERENCES "public"."queue_entries"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "drafts" ADD CONSTRAINT "drafts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "drafts" ADD CONSTRAINT "drafts_project_id_entry_id_queue_entries_project_id_id_fk" FOREIGN KEY ("project_id","entry_id") REFERENCES "public"."queue_entries"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "drafts" ADD CONSTRAINT "drafts_project_id_actor_id_actors_project_id_id_fk" FOREIGN KEY ("project_id","actor_id") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queue_entries" ADD CONSTRAINT "queue_entries_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queue_entries" ADD CONSTRAINT "queue_entries_project_id_queue_id_queues_project_id_id_fk" FOREIGN KEY ("project_id","queue_id") REFERENCES "public"."queues"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queue_entries" ADD CONSTRAINT "queue_entries_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queues" ADD CONSTRAINT "queues_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolutions" ADD CONSTRAINT "resolutions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolutions" ADD CONSTRAINT "resolutions_project_id_entry_id_queue_entries_project_id_id_fk" FOREIGN KEY ("project_id","entry_id") REFERENCES "public"."queue_entries"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "review_events" ADD CONSTRAINT "review_events_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "review_events" ADD CONSTRAINT "review_events_project_id_entry_id_queue_entries_project_id_id_fk" FOREIGN KEY ("project_id","entry_id") REFERENCES "public"."queue_entries"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "review_events" ADD CONSTRAINT "review_events_project_id_actor_id_actors_project_id_id_fk" FOREIGN KEY ("project_id","actor_id") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "review_events" ADD CONSTRAINT "review_events_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "arrivals_recent" ON "arrivals" USING btree ("project_id","at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "dataset_rows_item" ON "dataset_rows" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "dataset_rows_exposure" ON "dataset_rows" USING btree ("project_id","exposure_id");--> statement-breakpoint
CREATE INDEX "dataset_rows_entry" ON "dataset_rows" USING btree ("project_id","entry_id");--> statement-breakpoint
CREATE UNIQUE INDEX "dataset_versions_number" ON "dataset_versions" USING btree ("project_id","dataset_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "datasets_slug" ON "datasets" USING btree ("project_id","slug");--> statement-breakpoint
CREATE INDEX "learned_examples_actor" ON "learned_examples" USING btree ("project_id","actor_id","learned_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "learned_examples_same" ON "learned_examples" USING btree ("project_id","normal_hash");--> statement-breakpoint
CREATE INDEX "learned_shown_personal" ON "learned_shown" USING btree ("project_id","learned_from_exposure_id");--> statement-breakpoint
CREATE INDEX "learned_shown_shared" ON "learned_shown" USING btree ("project_id","shared_example_id");--> statement-breakpoint
CREATE INDEX "shared_examples_active" ON "shared_examples" USING btree ("project_id") WHERE state = 'active';--> statement-breakpoint
CREATE INDEX "shared_examples_origin" ON "shared_examples" USING gin ("exposure_ids");--> statement-breakpoint
CREATE INDEX "shared_examples_same" ON "shared_examples" USING btree ("project_id","normal_hash");--> statement-breakpoint
CREATE INDEX "training_rows_origin" ON "training_rows" USING gin ("exposure_ids");--> statement-breakpoint
CREATE UNIQUE INDEX "answers_one_each" ON "answers" USING btree ("project_id","entry_id","actor_id");--> statement-breakpoint
CREATE INDEX "answers_item" ON "answers" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "assignments_open" ON "assignments" USING btree ("project_id","queue_id","position") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "assignments_leased" ON "assignments" USING btree ("project_id","queue_id","leased_until") WHERE state = 'leased';--> statement-breakpoint
CREATE INDEX "assignments_owner" ON "assignments" USING btree ("project_id","actor_id","queue_id") WHERE state = 'leased';--> statement-breakpoint
CREATE INDEX "assignments_done" ON "assignments" USING btree ("project_id","actor_id","queue_id","position" DESC NULLS LAST) WHERE state = 'done';--> statement-breakpoint
CREATE INDEX "assignments_entry" ON "assignments" USING btree ("project_id","entry_id");--> statement-breakpoint
CREATE INDEX "assignment_passes_actor" ON "assignment_passes" USING btree ("project_id","actor_id","queue_id");--> statement-breakpoint
CREATE INDEX "assignment_passes_flagged" ON "assignment_passes" USING btree ("project_id","queue_id","event_id" DESC NULLS LAST) WHERE flagged;--> statement-breakpoint
CREATE INDEX "drafts_actor" ON "drafts" USING btree ("project_id","actor_id");--> statement-breakpoint
CREATE INDEX "answers_actor" ON "answers" USING btree ("project_id","actor_id","queue_id");--> statement-breakpoint
CREATE INDEX "decisions_corrected" ON "decisions" USING btree ("project_id","decided_at") WHERE state in ('corrected', 'written');--> statement-breakpoint
CREATE INDEX "queue_entries_unpredicted" ON "queue_entries" USING btree ("project_id","queue_id","id") WHERE prediction_id is null;--> statement-breakpoint
CREATE UNIQUE INDEX "queue_entries_item" ON "queue_entries" USING btree ("project_id","queue_id","item_id");--> statement-breakpoint
CREATE INDEX "queue_entries_by_item" ON "queue_entries" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE UNIQUE INDEX "queues_name" ON "queues" USING btree ("project_id","name");--> statement-breakpoint
CREATE INDEX "resolutions_item" ON "resolutions" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "resolutions_recent" ON "resolutions" USING btree ("project_id","resolved_at" DESC NULLS LAST,"entry_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "review_events_entry" ON "review_events" USING btree ("project_id","entry_id");--> statement-breakpoint
CREATE INDEX "review_events_actor" ON "review_events" USING btree ("project_id","actor_id","server_time" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['review_events', 'learned_shown', 'memory_snapshots', 'dataset_groups'] LOOP
    EXECUTE format('CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION amend.refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change()', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Rows come while their version is being frozen, or with a restored backup, and never change; they go only with a freeze that was given up, or with the project.
CREATE FUNCTION "amend"."dataset_rows_frozen"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE version_state text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT state INTO version_state FROM dataset_versions WHERE project_id = NEW.project_id AND id = NEW.version_id;
    IF version_state = 'freezing' OR coalesce(current_setting('amend.restore', true), '') = 'on' THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a dataset version that is % takes no rows', version_state USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN RETURN OLD; END IF;
    SELECT state INTO version_state FROM dataset_versions WHERE project_id = OLD.project_id AND id = OLD.version_id;
    IF version_state <> 'frozen' THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION 'rows of a dataset version are frozen' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER dataset_rows_frozen BEFORE INSERT OR UPDATE OR DELETE ON "dataset_rows" FOR EACH ROW EXECUTE FUNCTION amend.dataset_rows_frozen();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "dataset_rows" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
--> statement-breakpoint
CREATE FUNCTION "amend"."dataset_version_frozen"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text AND TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND OLD.state <> 'frozen' THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'overtaken_at' - 'overtaken_reason') = (to_jsonb(OLD) - 'overtaken_at' - 'overtaken_reason') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a frozen dataset version can be marked as overtaken, not changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER dataset_version_frozen BEFORE UPDATE OR DELETE ON "dataset_versions" FOR EACH ROW EXECUTE FUNCTION amend.dataset_version_frozen();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "dataset_versions" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
--> statement-breakpoint
-- What a version learned from stays on record; a row may be withdrawn, or restored, and what was computed from it erased.
CREATE FUNCTION "amend"."training_rows_kept"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'withdrawn_at' - 'vector') = (to_jsonb(OLD) - 'withdrawn_at' - 'vector')
     AND (NEW.vector IS NULL OR OLD.vector IS NULL OR NEW.vector = OLD.vector) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'training rows can be withdrawn, not changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER training_rows_kept BEFORE UPDATE OR DELETE ON "training_rows" FOR EACH ROW EXECUTE FUNCTION amend.training_rows_kept();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "training_rows" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
