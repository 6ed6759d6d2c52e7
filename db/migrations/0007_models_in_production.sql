CREATE TABLE "evaluation_rows" (
	"project_id" uuid NOT NULL,
	"evaluation_id" uuid NOT NULL,
	"perturbation" text DEFAULT '' NOT NULL,
	"number" integer NOT NULL,
	"item_id" uuid NOT NULL,
	"group_key" text NOT NULL,
	"cluster_key" text,
	"slices" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"fold" integer,
	"outcome" text NOT NULL,
	"parts" jsonb NOT NULL,
	"raw" jsonb NOT NULL,
	"right" boolean,
	"content_id" uuid,
	"training_rows" integer[] DEFAULT '{}'::integer[] NOT NULL,
	"top_confidence" double precision,
	"latency_ms" double precision,
	"cost_micros" bigint,
	"unsafe" text[] DEFAULT '{}'::text[] NOT NULL,
	"failure" text,
	CONSTRAINT "evaluation_rows_project_id_evaluation_id_perturbation_number_pk" PRIMARY KEY("project_id","evaluation_id","perturbation","number")
);
--> statement-breakpoint
CREATE TABLE "evaluations" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"model_version_id" uuid NOT NULL,
	"dataset_version_id" uuid NOT NULL,
	"split" text NOT NULL,
	"kind" text DEFAULT 'measure' NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"job_id" uuid NOT NULL,
	"options" jsonb NOT NULL,
	"inputs_hash" text NOT NULL,
	"inputs" jsonb NOT NULL,
	"report" jsonb,
	"report_sha256" text,
	"cost" jsonb,
	"row_count" integer DEFAULT 0 NOT NULL,
	"failure" text,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"done_at" timestamp(6) with time zone,
	CONSTRAINT "evaluations_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "training_dataset_version_id" uuid;--> statement-breakpoint
ALTER TABLE "evaluation_rows" ADD CONSTRAINT "evaluation_rows_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_rows" ADD CONSTRAINT "evaluation_rows_project_id_evaluation_id_evaluations_project_id_id_fk" FOREIGN KEY ("project_id","evaluation_id") REFERENCES "public"."evaluations"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_rows" ADD CONSTRAINT "evaluation_rows_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_rows" ADD CONSTRAINT "evaluation_rows_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_project_id_model_version_id_model_versions_project_id_id_fk" FOREIGN KEY ("project_id","model_version_id") REFERENCES "public"."model_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_project_id_dataset_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","dataset_version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_project_id_job_id_jobs_project_id_id_fk" FOREIGN KEY ("project_id","job_id") REFERENCES "public"."jobs"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "evaluation_rows_item" ON "evaluation_rows" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "evaluations_version" ON "evaluations" USING btree ("project_id","model_version_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "evaluations_inputs" ON "evaluations" USING btree ("project_id","inputs_hash","id" DESC NULLS LAST);--> statement-breakpoint
-- An evaluation that is done stands; its rows come only while it runs, or with a restored backup, and never change.
CREATE FUNCTION "amend"."evaluation_stands"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state <> 'done' THEN RETURN NEW; END IF;
  IF TG_OP = 'DELETE' AND coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'an evaluation that is done stands' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER evaluation_stands BEFORE UPDATE OR DELETE ON "evaluations" FOR EACH ROW EXECUTE FUNCTION amend.evaluation_stands();
--> statement-breakpoint
CREATE FUNCTION "amend"."evaluation_rows_stand"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE evaluation_state text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF coalesce(current_setting('amend.restore', true), '') = 'on' THEN RETURN NEW; END IF;
    SELECT state INTO evaluation_state FROM evaluations WHERE project_id = NEW.project_id AND id = NEW.evaluation_id;
    IF evaluation_state = 'running' THEN RETURN NEW; END IF;
  END IF;
  IF TG_OP = 'DELETE' AND coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'rows of an evaluation stand' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER evaluation_rows_stand BEFORE INSERT OR UPDATE OR DELETE ON "evaluation_rows" FOR EACH ROW EXECUTE FUNCTION amend.evaluation_rows_stand();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "evaluations" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "evaluation_rows" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
--> statement-breakpoint
-- A version is what it was when it was made; only its stage and its service state move.
CREATE OR REPLACE FUNCTION "amend"."version_immutable"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moves text[] := ARRAY['stage', 'out_of_service_at', 'out_of_service_reason'];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (to_jsonb(NEW) - moves) = (to_jsonb(OLD) - moves) THEN RETURN NEW; END IF;
  ELSIF coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'model versions are immutable' USING ERRCODE = 'integrity_constraint_violation';
END $$;
