CREATE TABLE "dataset_cards" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"dataset_id" uuid NOT NULL,
	"version_id" uuid,
	"content_id" uuid NOT NULL,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "dataset_cards_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "dataset_checks" (
	"project_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"name" text NOT NULL,
	"level" text NOT NULL,
	"outcome" text NOT NULL,
	"value" double precision,
	"of" integer,
	"limit" double precision,
	"findings" integer DEFAULT 0 NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"method" text NOT NULL,
	"ran_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"waived_at" timestamp(6) with time zone,
	"waived_by" uuid,
	"waiver_content_id" uuid,
	CONSTRAINT "dataset_checks_project_id_version_id_name_pk" PRIMARY KEY("project_id","version_id","name")
);
--> statement-breakpoint
CREATE TABLE "dataset_downloads" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"version_id" uuid NOT NULL,
	"consumer" text NOT NULL,
	"format" text NOT NULL,
	"user_id" uuid,
	"key_id" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "dataset_downloads_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "dataset_files" (
	"project_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"format" text NOT NULL,
	"options" text DEFAULT '' NOT NULL,
	"state" text DEFAULT 'making' NOT NULL,
	"job_id" uuid,
	"sha256" text,
	"bytes" bigint,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"ready_at" timestamp(6) with time zone,
	CONSTRAINT "dataset_files_project_id_version_id_format_options_pk" PRIMARY KEY("project_id","version_id","format","options")
);
--> statement-breakpoint
CREATE TABLE "dataset_findings" (
	"project_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"name" text NOT NULL,
	"at" integer NOT NULL,
	"row_number" integer,
	"other_number" integer,
	"score" double precision,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "dataset_findings_project_id_version_id_name_at_pk" PRIMARY KEY("project_id","version_id","name","at")
);
--> statement-breakpoint
CREATE TABLE "bulk_changes" (
	"project_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"before" jsonb,
	CONSTRAINT "bulk_changes_project_id_action_id_item_id_pk" PRIMARY KEY("project_id","action_id","item_id")
);
--> statement-breakpoint
CREATE TABLE "decision_edits" (
	"project_id" uuid NOT NULL,
	"exposure_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"edit" double precision NOT NULL,
	CONSTRAINT "decision_edits_project_id_exposure_id_pk" PRIMARY KEY("project_id","exposure_id")
);
--> statement-breakpoint
CREATE TABLE "feedback_days" (
	"project_id" uuid NOT NULL,
	"slice_id" uuid NOT NULL,
	"day" date NOT NULL,
	"model_version_id" uuid NOT NULL,
	"state" text NOT NULL,
	"suggestion_shown" boolean NOT NULL,
	"blind" boolean NOT NULL,
	"ever_undone" boolean NOT NULL,
	"sample" boolean NOT NULL,
	"simulated" boolean NOT NULL,
	"n" integer NOT NULL,
	"confidence" integer[] NOT NULL,
	"edit" integer[] NOT NULL,
	"hours" integer[] NOT NULL,
	CONSTRAINT "feedback_days_pk" PRIMARY KEY("project_id","slice_id","day","model_version_id","state","suggestion_shown","blind","ever_undone","sample","simulated")
);
--> statement-breakpoint
CREATE TABLE "feedback_dirty_days" (
	"project_id" uuid NOT NULL,
	"slice_id" uuid NOT NULL,
	"day" date NOT NULL,
	CONSTRAINT "feedback_dirty_days_project_id_slice_id_day_pk" PRIMARY KEY("project_id","slice_id","day")
);
--> statement-breakpoint
CREATE TABLE "feedback_folds" (
	"project_id" uuid PRIMARY KEY NOT NULL,
	"folded_xid" "xid8" DEFAULT '0'::xid8 NOT NULL,
	"folded_at" timestamp(6) with time zone,
	"time_zone" text NOT NULL,
	"slices_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "item_tags" (
	"project_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"tag" text NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "item_tags_project_id_item_id_tag_pk" PRIMARY KEY("project_id","item_id","tag")
);
--> statement-breakpoint
CREATE TABLE "saved_views" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"query" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"columns" text[],
	"shared" boolean DEFAULT true NOT NULL,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"archived_at" timestamp(6) with time zone,
	CONSTRAINT "saved_views_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "imported_values" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"import_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"item_id" uuid NOT NULL,
	"content_id" uuid NOT NULL,
	"annotator" text,
	"split" text,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "imported_values_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "dataset_picks" ADD COLUMN "cluster_key" text;--> statement-breakpoint
ALTER TABLE "dataset_picks" ADD COLUMN "place" jsonb;--> statement-breakpoint
ALTER TABLE "dataset_rows" ADD COLUMN "rejected" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_rows" ADD COLUMN "cluster_key" text;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "tombstoned_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "successor_version_id" uuid;--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "licence" text;--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "consumers" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "redacted_content_id" uuid;--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "licence" text;--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "excluded_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "media" ADD COLUMN "perceptual_hash" text;--> statement-breakpoint
ALTER TABLE "dataset_cards" ADD CONSTRAINT "dataset_cards_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_cards" ADD CONSTRAINT "dataset_cards_project_id_dataset_id_datasets_project_id_id_fk" FOREIGN KEY ("project_id","dataset_id") REFERENCES "public"."datasets"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_cards" ADD CONSTRAINT "dataset_cards_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_checks" ADD CONSTRAINT "dataset_checks_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_checks" ADD CONSTRAINT "dataset_checks_project_id_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_downloads" ADD CONSTRAINT "dataset_downloads_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_downloads" ADD CONSTRAINT "dataset_downloads_project_id_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_files" ADD CONSTRAINT "dataset_files_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_files" ADD CONSTRAINT "dataset_files_project_id_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_findings" ADD CONSTRAINT "dataset_findings_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_findings" ADD CONSTRAINT "dataset_findings_project_id_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_changes" ADD CONSTRAINT "bulk_changes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_changes" ADD CONSTRAINT "bulk_changes_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decision_edits" ADD CONSTRAINT "decision_edits_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback_days" ADD CONSTRAINT "feedback_days_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback_dirty_days" ADD CONSTRAINT "feedback_dirty_days_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback_folds" ADD CONSTRAINT "feedback_folds_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decision_edits" ADD CONSTRAINT "decision_edits_project_id_exposure_id_exposures_project_id_id_fk" FOREIGN KEY ("project_id","exposure_id") REFERENCES "public"."exposures"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_tags" ADD CONSTRAINT "item_tags_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_tags" ADD CONSTRAINT "item_tags_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saved_views" ADD CONSTRAINT "saved_views_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imported_values" ADD CONSTRAINT "imported_values_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imported_values" ADD CONSTRAINT "imported_values_project_id_import_id_imports_project_id_id_fk" FOREIGN KEY ("project_id","import_id") REFERENCES "public"."imports"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imported_values" ADD CONSTRAINT "imported_values_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imported_values" ADD CONSTRAINT "imported_values_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dataset_cards_newest" ON "dataset_cards" USING btree ("project_id","dataset_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "dataset_downloads_version" ON "dataset_downloads" USING btree ("project_id","version_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "bulk_changes_item" ON "bulk_changes" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "exposures_committed" ON "exposures" USING btree ("project_id","xid");--> statement-breakpoint
CREATE INDEX "feedback_events_committed" ON "feedback_events" USING btree ("project_id","xid");--> statement-breakpoint
CREATE INDEX "items_group" ON "items" USING btree ("project_id","group_id") WHERE group_id is not null;--> statement-breakpoint
CREATE INDEX "item_tags_tag" ON "item_tags" USING btree ("project_id","tag","item_id");--> statement-breakpoint
CREATE INDEX "saved_views_shown" ON "saved_views" USING btree ("project_id","kind","created_at");--> statement-breakpoint
CREATE INDEX "imported_values_item" ON "imported_values" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "imported_values_import" ON "imported_values" USING btree ("project_id","import_id","line");--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_project_id_redacted_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","redacted_content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- What a version is made of stands from the moment it is frozen, and so do what its checks found and who waived it.
CREATE OR REPLACE FUNCTION "amend"."dataset_version_frozen"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE marks text[] := ARRAY['overtaken_at', 'overtaken_reason', 'tombstoned_at', 'successor_version_id'];
BEGIN
  IF coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text AND TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND OLD.state <> 'frozen' THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - marks) = (to_jsonb(OLD) - marks) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a frozen dataset version can be marked as overtaken, not changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE FUNCTION "amend"."dataset_checks_frozen"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  version_state text;
  of_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
  IF TG_OP = 'INSERT' AND coalesce(current_setting('amend.restore', true), '') = 'on' THEN RETURN NEW; END IF;
  IF TG_OP = 'DELETE' AND coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN RETURN OLD; END IF;
  SELECT state INTO version_state FROM dataset_versions
    WHERE project_id = (of_row->>'project_id')::uuid AND id = (of_row->>'version_id')::uuid;
  IF version_state <> 'frozen' THEN RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END IF;
  RAISE EXCEPTION 'checks of a frozen dataset version stand' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER dataset_checks_frozen BEFORE INSERT OR UPDATE OR DELETE ON "dataset_checks" FOR EACH ROW EXECUTE FUNCTION amend.dataset_checks_frozen();
--> statement-breakpoint
CREATE TRIGGER dataset_checks_frozen BEFORE INSERT OR UPDATE OR DELETE ON "dataset_findings" FOR EACH ROW EXECUTE FUNCTION amend.dataset_checks_frozen();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['dataset_downloads', 'dataset_cards'] LOOP
    EXECUTE format('CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION amend.refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change()', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Datasets of before declared nobody; their downloads go on under the name of what they were.
UPDATE datasets SET consumers = '[{"name": "Not declared yet", "purpose": "other"}]';
