CREATE TABLE "gate_results" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"gate_version_id" uuid NOT NULL,
	"model_version_id" uuid NOT NULL,
	"dataset_version_id" uuid NOT NULL,
	"evaluation_id" uuid NOT NULL,
	"baseline_version_id" uuid,
	"baseline_evaluation_id" uuid,
	"outcome" text NOT NULL,
	"checks" jsonb NOT NULL,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "gate_results_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "gate_versions" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"gate_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"rules" jsonb NOT NULL,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "gate_versions_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "gate_waivers" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"gate_result_id" uuid NOT NULL,
	"role" text NOT NULL,
	"user_id" uuid,
	"key_id" uuid,
	"reason_content_id" uuid NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"withdrawn_at" timestamp(6) with time zone,
	CONSTRAINT "gate_waivers_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "gates" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"archived_at" timestamp(6) with time zone,
	CONSTRAINT "gates_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "test_uses" (
	"project_id" uuid NOT NULL,
	"dataset_version_id" uuid NOT NULL,
	"evaluation_id" uuid NOT NULL,
	"content_sha256" text NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "test_uses_project_id_dataset_version_id_evaluation_id_pk" PRIMARY KEY("project_id","dataset_version_id","evaluation_id")
);
--> statement-breakpoint
CREATE TABLE "retraining_plans" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"model_id" uuid NOT NULL,
	"dataset_id" uuid NOT NULL,
	"wish" jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"next_at" timestamp(6) with time zone,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "retraining_plans_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "retraining_runs" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"plan_id" uuid NOT NULL,
	"wish" jsonb NOT NULL,
	"cause" text NOT NULL,
	"step" text DEFAULT 'freeze' NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"job_id" uuid,
	"dataset_version_id" uuid,
	"model_version_id" uuid,
	"evaluation_id" uuid,
	"baseline_evaluation_id" uuid,
	"gate_result_id" uuid,
	"attempts" integer DEFAULT 0 NOT NULL,
	"call_at" timestamp(6) with time zone,
	"log" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"reason" text,
	"started_by_user" uuid,
	"started_by_key" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"ended_at" timestamp(6) with time zone,
	CONSTRAINT "retraining_runs_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "notice_reads" (
	"project_id" uuid NOT NULL,
	"notice_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "notice_reads_project_id_notice_id_actor_id_pk" PRIMARY KEY("project_id","notice_id","actor_id")
);
--> statement-breakpoint
CREATE TABLE "rollback_breaches" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"model_version_id" uuid NOT NULL,
	"metric" text NOT NULL,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"n" integer NOT NULL,
	"ratio" double precision,
	"action_id" uuid NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "rollback_breaches_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "shadow_answers" (
	"project_id" uuid NOT NULL,
	"exposure_id" uuid NOT NULL,
	"model_version_id" uuid NOT NULL,
	"prediction_id" uuid,
	"status" text NOT NULL,
	"would_show" boolean NOT NULL,
	"same_first" boolean,
	"latency_ms" double precision,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "shadow_answers_project_id_exposure_id_model_version_id_pk" PRIMARY KEY("project_id","exposure_id","model_version_id")
);
--> statement-breakpoint
CREATE TABLE "shadow_drops" (
	"project_id" uuid NOT NULL,
	"model_version_id" uuid NOT NULL,
	"day" timestamp(6) with time zone NOT NULL,
	"dropped" integer NOT NULL,
	CONSTRAINT "shadow_drops_project_id_model_version_id_day_pk" PRIMARY KEY("project_id","model_version_id","day")
);
--> statement-breakpoint
CREATE TABLE "stage_notices" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"kind" text NOT NULL,
	"action_id" uuid NOT NULL,
	"model_version_id" uuid,
	"canary_version_id" uuid,
	"share" double precision,
	"by_system" boolean DEFAULT false NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"withdrawn_at" timestamp(6) with time zone,
	CONSTRAINT "stage_notices_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "canary_share" double precision;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "staged_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "gate_results" ADD CONSTRAINT "gate_results_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_results" ADD CONSTRAINT "gate_results_project_id_gate_version_id_gate_versions_project_id_id_fk" FOREIGN KEY ("project_id","gate_version_id") REFERENCES "public"."gate_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_results" ADD CONSTRAINT "gate_results_project_id_model_version_id_model_versions_project_id_id_fk" FOREIGN KEY ("project_id","model_version_id") REFERENCES "public"."model_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_results" ADD CONSTRAINT "gate_results_project_id_dataset_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","dataset_version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_versions" ADD CONSTRAINT "gate_versions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_versions" ADD CONSTRAINT "gate_versions_project_id_gate_id_gates_project_id_id_fk" FOREIGN KEY ("project_id","gate_id") REFERENCES "public"."gates"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_waivers" ADD CONSTRAINT "gate_waivers_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_waivers" ADD CONSTRAINT "gate_waivers_project_id_gate_result_id_gate_results_project_id_id_fk" FOREIGN KEY ("project_id","gate_result_id") REFERENCES "public"."gate_results"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_waivers" ADD CONSTRAINT "gate_waivers_project_id_reason_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","reason_content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gates" ADD CONSTRAINT "gates_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_uses" ADD CONSTRAINT "test_uses_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_uses" ADD CONSTRAINT "test_uses_project_id_dataset_version_id_dataset_versions_project_id_id_fk" FOREIGN KEY ("project_id","dataset_version_id") REFERENCES "public"."dataset_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retraining_plans" ADD CONSTRAINT "retraining_plans_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retraining_plans" ADD CONSTRAINT "retraining_plans_project_id_model_id_models_project_id_id_fk" FOREIGN KEY ("project_id","model_id") REFERENCES "public"."models"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retraining_plans" ADD CONSTRAINT "retraining_plans_project_id_dataset_id_datasets_project_id_id_fk" FOREIGN KEY ("project_id","dataset_id") REFERENCES "public"."datasets"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retraining_runs" ADD CONSTRAINT "retraining_runs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retraining_runs" ADD CONSTRAINT "retraining_runs_project_id_plan_id_retraining_plans_project_id_id_fk" FOREIGN KEY ("project_id","plan_id") REFERENCES "public"."retraining_plans"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_reads" ADD CONSTRAINT "notice_reads_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_reads" ADD CONSTRAINT "notice_reads_project_id_notice_id_stage_notices_project_id_id_fk" FOREIGN KEY ("project_id","notice_id") REFERENCES "public"."stage_notices"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_reads" ADD CONSTRAINT "notice_reads_project_id_actor_id_actors_project_id_id_fk" FOREIGN KEY ("project_id","actor_id") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollback_breaches" ADD CONSTRAINT "rollback_breaches_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollback_breaches" ADD CONSTRAINT "rollback_breaches_project_id_model_version_id_model_versions_project_id_id_fk" FOREIGN KEY ("project_id","model_version_id") REFERENCES "public"."model_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_answers" ADD CONSTRAINT "shadow_answers_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_answers" ADD CONSTRAINT "shadow_answers_project_id_exposure_id_exposures_project_id_id_fk" FOREIGN KEY ("project_id","exposure_id") REFERENCES "public"."exposures"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_answers" ADD CONSTRAINT "shadow_answers_project_id_model_version_id_model_versions_project_id_id_fk" FOREIGN KEY ("project_id","model_version_id") REFERENCES "public"."model_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_answers" ADD CONSTRAINT "shadow_answers_project_id_prediction_id_predictions_project_id_id_fk" FOREIGN KEY ("project_id","prediction_id") REFERENCES "public"."predictions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_drops" ADD CONSTRAINT "shadow_drops_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stage_notices" ADD CONSTRAINT "stage_notices_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "gate_results_version" ON "gate_results" USING btree ("project_id","model_version_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "gate_versions_number" ON "gate_versions" USING btree ("project_id","gate_id","number");--> statement-breakpoint
CREATE INDEX "gate_waivers_result" ON "gate_waivers" USING btree ("project_id","gate_result_id");--> statement-breakpoint
CREATE UNIQUE INDEX "gates_slug" ON "gates" USING btree ("project_id","slug");--> statement-breakpoint
CREATE INDEX "test_uses_content" ON "test_uses" USING btree ("project_id","content_sha256");--> statement-breakpoint
CREATE UNIQUE INDEX "retraining_plans_model" ON "retraining_plans" USING btree ("project_id","model_id");--> statement-breakpoint
CREATE INDEX "retraining_plans_next" ON "retraining_plans" USING btree ("next_at");--> statement-breakpoint
CREATE INDEX "retraining_runs_recent" ON "retraining_runs" USING btree ("project_id","plan_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "rollback_breaches_version" ON "rollback_breaches" USING btree ("project_id","model_version_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "shadow_answers_version" ON "shadow_answers" USING btree ("project_id","model_version_id","created_at");--> statement-breakpoint
CREATE INDEX "stage_notices_recent" ON "stage_notices" USING btree ("project_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "model_versions_canary" ON "model_versions" USING btree ("project_id") WHERE stage = 'canary';
--> statement-breakpoint
-- What was looked at, set down and decided stands.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['shadow_answers', 'rollback_breaches', 'gate_versions', 'gate_results', 'test_uses'] LOOP
    EXECUTE format('CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION amend.refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change()', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE FUNCTION "amend"."gate_waiver_stands"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'withdrawn_at') = (to_jsonb(OLD) - 'withdrawn_at') THEN RETURN NEW; END IF;
  IF TG_OP = 'DELETE' AND coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'a waiver can be taken back, not changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER gate_waiver_stands BEFORE UPDATE OR DELETE ON "gate_waivers" FOR EACH ROW EXECUTE FUNCTION amend.gate_waiver_stands();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "gate_waivers" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
--> statement-breakpoint
-- Where a version stands also says for how many and since when.
CREATE OR REPLACE FUNCTION "amend"."version_immutable"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moves text[] := ARRAY['stage', 'canary_share', 'staged_at', 'out_of_service_at', 'out_of_service_reason'];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (to_jsonb(NEW) - moves) = (to_jsonb(OLD) - moves) THEN RETURN NEW; END IF;
  ELSIF coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'model versions are immutable' USING ERRCODE = 'integrity_constraint_violation';
END $$;
