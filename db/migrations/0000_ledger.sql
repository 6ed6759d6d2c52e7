CREATE SCHEMA IF NOT EXISTS "amend";
--> statement-breakpoint
-- Postgres 18 has uuidv7(); older servers get one of the same name with the same layout (RFC 9562, section 5.7).
DO $$
BEGIN
  IF to_regprocedure('pg_catalog.uuidv7()') IS NULL AND to_regprocedure('public.uuidv7()') IS NULL THEN
    CREATE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql VOLATILE AS $fn$
      SELECT encode(
        set_bit(set_bit(
          overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
          52, 1), 53, 1), 'hex')::uuid
    $fn$;
  END IF;
END $$;
--> statement-breakpoint
-- The only clock that decides anything. The test database replaces it by one that can be shifted.
CREATE FUNCTION "amend"."now"() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT clock_timestamp() $$;
--> statement-breakpoint
CREATE TABLE "decisions" (
	"project_id" uuid NOT NULL,
	"exposure_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"model_version_id" uuid,
	"confidence" double precision,
	"suggestion_shown" boolean NOT NULL,
	"sample" boolean NOT NULL,
	"simulated" boolean NOT NULL,
	"exposed_at" timestamp(6) with time zone NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"event_id" uuid,
	"candidate_id" uuid,
	"after_content_id" uuid,
	"after_hash" text,
	"rejected_candidate_ids" uuid[] DEFAULT '{}'::uuid[] NOT NULL,
	"chosen_candidate_id" uuid,
	"shown" boolean DEFAULT false NOT NULL,
	"revealed" boolean DEFAULT false NOT NULL,
	"flagged" boolean DEFAULT false NOT NULL,
	"rating" smallint,
	"pending_count" integer DEFAULT 0 NOT NULL,
	"ever_undone" boolean DEFAULT false NOT NULL,
	"decided_at" timestamp(6) with time zone,
	CONSTRAINT "decisions_project_id_exposure_id_pk" PRIMARY KEY("project_id","exposure_id")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"project_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"attempt" smallint NOT NULL,
	"exposure_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"after_content_id" uuid,
	"candidate_id" uuid,
	"state" text DEFAULT 'waiting' NOT NULL,
	"send_at" timestamp(6) with time zone NOT NULL,
	"settled_at" timestamp(6) with time zone,
	CONSTRAINT "deliveries_project_id_event_id_attempt_pk" PRIMARY KEY("project_id","event_id","attempt")
);
--> statement-breakpoint
CREATE TABLE "event_keys" (
	"project_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"body_hash" text NOT NULL,
	"answer" jsonb NOT NULL,
	CONSTRAINT "event_keys_project_id_event_id_pk" PRIMARY KEY("project_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "exposures" (
	"project_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"body_hash" text NOT NULL,
	"item_id" uuid NOT NULL,
	"input_hash" text NOT NULL,
	"session_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"role" text NOT NULL,
	"model_version_id" uuid,
	"prediction_id" uuid,
	"policy_version" text,
	"threshold_version" text,
	"guardrail_result" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"shown" boolean NOT NULL,
	"suppressed_reason" text,
	"arm" text DEFAULT 'live' NOT NULL,
	"holdback" boolean DEFAULT false NOT NULL,
	"mode" text NOT NULL,
	"blind" boolean DEFAULT false NOT NULL,
	"eligible" boolean NOT NULL,
	"eligible_propensity" double precision,
	"candidates" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"latency_ms" double precision,
	"slice_attributes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"consent_version" integer,
	"sample" boolean DEFAULT false NOT NULL,
	"simulated" boolean DEFAULT false NOT NULL,
	"client_time" timestamp(6) with time zone,
	"client_monotonic_ms" double precision,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "exposures_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "exposures_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "feedback_events" (
	"project_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"exposure_id" uuid NOT NULL,
	"actor_id" uuid,
	"session_id" uuid NOT NULL,
	"client_seq" integer NOT NULL,
	"type" text NOT NULL,
	"target_event_id" uuid,
	"candidate_id" uuid,
	"before_hash" text,
	"after_content_id" uuid,
	"after_hash" text,
	"reason" text,
	"rating" smallint,
	"send_at" timestamp(6) with time zone,
	"client_time" timestamp(6) with time zone,
	"client_monotonic_ms" double precision,
	"visible_ms" double precision,
	"simulated" boolean DEFAULT false NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "feedback_events_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"server_time" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "feedback_events_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "contents" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"kind" text NOT NULL,
	"actor_id" uuid,
	"item_id" uuid,
	"body" jsonb,
	"salt" "bytea",
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"erased_at" timestamp(6) with time zone,
	"search" "tsvector" GENERATED ALWAYS AS (case when kind in ('item', 'written') and body is not null then jsonb_to_tsvector('simple'::regconfig, body, '["string"]') end) STORED,
	CONSTRAINT "contents_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "items" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"external_id" text,
	"group_id" text,
	"content_id" uuid NOT NULL,
	"input_hash" text NOT NULL,
	"owner_actor_id" uuid,
	"sample" boolean DEFAULT false NOT NULL,
	"simulated" boolean DEFAULT false NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"erased_at" timestamp(6) with time zone,
	CONSTRAINT "items_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "model_versions" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"model_id" uuid NOT NULL,
	"version" text NOT NULL,
	"stage" text DEFAULT 'candidate' NOT NULL,
	"parameters" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"card" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"code_reference" text,
	"learning" text DEFAULT 'none' NOT NULL,
	"training_content_ids" uuid[] DEFAULT '{}'::uuid[] NOT NULL,
	"out_of_service_at" timestamp(6) with time zone,
	"out_of_service_reason" text,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "model_versions_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "models" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "models_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "predictions" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"item_id" uuid NOT NULL,
	"model_version_id" uuid NOT NULL,
	"content_id" uuid NOT NULL,
	"top_confidence" double precision,
	"candidate_count" integer NOT NULL,
	"latency_ms" double precision,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "predictions_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "actions" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"kind" text NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_user_id" uuid,
	"actor_key_id" uuid,
	"target_type" text NOT NULL,
	"target_id" text,
	"before" jsonb,
	"after" jsonb,
	"compensates_id" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "actions_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "actors" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"user_id" uuid,
	"external_hash" text,
	"pseudonym" text NOT NULL,
	"suggestions_on" boolean DEFAULT true NOT NULL,
	"training_allowed" boolean DEFAULT true NOT NULL,
	"consent_version" integer,
	"consented_at" timestamp(6) with time zone,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"erased_at" timestamp(6) with time zone,
	CONSTRAINT "actors_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"name" text NOT NULL,
	"scope" text NOT NULL,
	"prefix" text NOT NULL,
	"secret_hash" text NOT NULL,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"expires_at" timestamp(6) with time zone,
	"revoked_at" timestamp(6) with time zone,
	"last_used_at" timestamp(6) with time zone,
	CONSTRAINT "api_keys_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "invites" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"token_hash" text NOT NULL,
	"role" text NOT NULL,
	"email" text,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"expires_at" timestamp(6) with time zone NOT NULL,
	"used_at" timestamp(6) with time zone,
	"revoked_at" timestamp(6) with time zone,
	CONSTRAINT "invites_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"project_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "memberships_project_id_user_id_pk" PRIMARY KEY("project_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"task_type" text NOT NULL,
	"mode" text DEFAULT 'augment' NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"demo" boolean DEFAULT false NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"last_seen_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"expires_at" timestamp(6) with time zone NOT NULL,
	"revoked_at" timestamp(6) with time zone,
	"user_agent" text
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"token_hash" text NOT NULL,
	"purpose" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"expires_at" timestamp(6) with time zone NOT NULL,
	"used_at" timestamp(6) with time zone
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text,
	"instance_admin" boolean DEFAULT false NOT NULL,
	"demo" boolean DEFAULT false NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"disabled_at" timestamp(6) with time zone
);
--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_project_id_exposure_id_exposures_project_id_id_fk" FOREIGN KEY ("project_id","exposure_id") REFERENCES "public"."exposures"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_project_id_exposure_id_exposures_project_id_id_fk" FOREIGN KEY ("project_id","exposure_id") REFERENCES "public"."exposures"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "event_keys" ADD CONSTRAINT "event_keys_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_project_id_actor_id_actors_project_id_id_fk" FOREIGN KEY ("project_id","actor_id") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_project_id_model_version_id_model_versions_project_id_id_fk" FOREIGN KEY ("project_id","model_version_id") REFERENCES "public"."model_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_project_id_prediction_id_predictions_project_id_id_fk" FOREIGN KEY ("project_id","prediction_id") REFERENCES "public"."predictions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback_events" ADD CONSTRAINT "feedback_events_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback_events" ADD CONSTRAINT "feedback_events_project_id_exposure_id_exposures_project_id_id_fk" FOREIGN KEY ("project_id","exposure_id") REFERENCES "public"."exposures"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback_events" ADD CONSTRAINT "feedback_events_project_id_after_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","after_content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contents" ADD CONSTRAINT "contents_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_project_id_owner_actor_id_actors_project_id_id_fk" FOREIGN KEY ("project_id","owner_actor_id") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_project_id_model_id_models_project_id_id_fk" FOREIGN KEY ("project_id","model_id") REFERENCES "public"."models"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_project_id_model_version_id_model_versions_project_id_id_fk" FOREIGN KEY ("project_id","model_version_id") REFERENCES "public"."model_versions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_actor_user_id_users_id_fk" FOREIGN KEY ("actor_user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_project_id_compensates_id_actions_project_id_id_fk" FOREIGN KEY ("project_id","compensates_id") REFERENCES "public"."actions"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actors" ADD CONSTRAINT "actors_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actors" ADD CONSTRAINT "actors_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invites" ADD CONSTRAINT "invites_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invites" ADD CONSTRAINT "invites_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "decisions_recent" ON "decisions" USING btree ("project_id","exposed_at" DESC NULLS LAST,"exposure_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "decisions_state" ON "decisions" USING btree ("project_id","state","exposed_at" DESC NULLS LAST,"exposure_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "decisions_item" ON "decisions" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "decisions_unanswered" ON "decisions" USING btree ("project_id","exposed_at") WHERE state = 'open' and suggestion_shown and shown;--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("send_at") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "deliveries_item" ON "deliveries" USING btree ("project_id","item_id","actor_id");--> statement-breakpoint
CREATE INDEX "exposures_item" ON "exposures" USING btree ("project_id","item_id","created_at");--> statement-breakpoint
CREATE INDEX "exposures_actor" ON "exposures" USING btree ("project_id","actor_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "feedback_events_exposure" ON "feedback_events" USING btree ("project_id","exposure_id");--> statement-breakpoint
CREATE INDEX "feedback_events_actor" ON "feedback_events" USING btree ("project_id","actor_id","server_time" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "contents_item" ON "contents" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "contents_actor" ON "contents" USING btree ("project_id","actor_id") WHERE actor_id is not null;--> statement-breakpoint
CREATE INDEX "contents_search" ON "contents" USING gin ("search") WHERE search is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "items_external" ON "items" USING btree ("project_id","external_id");--> statement-breakpoint
CREATE INDEX "items_recent" ON "items" USING btree ("project_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "model_versions_version" ON "model_versions" USING btree ("project_id","model_id","version");--> statement-breakpoint
CREATE UNIQUE INDEX "model_versions_live" ON "model_versions" USING btree ("project_id") WHERE stage = 'live';--> statement-breakpoint
CREATE UNIQUE INDEX "models_name" ON "models" USING btree ("project_id","name");--> statement-breakpoint
CREATE INDEX "predictions_item" ON "predictions" USING btree ("project_id","item_id","model_version_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "actions_compensates" ON "actions" USING btree ("project_id","compensates_id");--> statement-breakpoint
CREATE INDEX "actions_recent" ON "actions" USING btree ("project_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "actors_user" ON "actors" USING btree ("project_id","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "actors_external" ON "actors" USING btree ("project_id","external_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "actors_pseudonym" ON "actors" USING btree ("project_id","pseudonym");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_secret" ON "api_keys" USING btree ("secret_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "invites_token" ON "invites" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "memberships_user" ON "memberships" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "projects_slug" ON "projects" USING btree ("slug");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sign_in_links_token" ON "sign_in_links" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree (lower("email"));--> statement-breakpoint
-- Rows of the log never change. The one way through is a purge that names its project in its own transaction.
CREATE FUNCTION "amend"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'DELETE' AND coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['feedback_events', 'event_keys', 'exposures', 'predictions', 'actions'] LOOP
    EXECUTE format('CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION amend.refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change()', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- A content may only be emptied: nobody can put other words where some were.
CREATE FUNCTION "amend"."erase_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.body IS NULL AND NEW.salt IS NULL AND NEW.erased_at IS NOT NULL
      AND (NEW.project_id, NEW.id, NEW.kind) = (OLD.project_id, OLD.id, OLD.kind) THEN
      RETURN NEW;
    END IF;
  ELSIF coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'contents can be erased, not changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER erase_only BEFORE UPDATE OR DELETE ON "contents" FOR EACH ROW EXECUTE FUNCTION amend.erase_only();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "contents" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
--> statement-breakpoint
-- A version is what it was when it was made; only its stage and its service state move.
CREATE FUNCTION "amend"."version_immutable"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.project_id, NEW.id, NEW.model_id, NEW.version, NEW.parameters, NEW.card, NEW.learning, NEW.training_content_ids, NEW.created_at)
       IS NOT DISTINCT FROM
       (OLD.project_id, OLD.id, OLD.model_id, OLD.version, OLD.parameters, OLD.card, OLD.learning, OLD.training_content_ids, OLD.created_at)
       AND NEW.code_reference IS NOT DISTINCT FROM OLD.code_reference THEN
      RETURN NEW;
    END IF;
  ELSIF coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'model versions are immutable' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER version_immutable BEFORE UPDATE OR DELETE ON "model_versions" FOR EACH ROW EXECUTE FUNCTION amend.version_immutable();
