CREATE TABLE "adjudications" (
	"project_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"queue_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"actor_id" uuid,
	"session_id" uuid,
	"token" integer DEFAULT 0 NOT NULL,
	"leased_until" timestamp(6) with time zone,
	"opened_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"done_at" timestamp(6) with time zone,
	CONSTRAINT "adjudications_project_id_entry_id_pk" PRIMARY KEY("project_id","entry_id")
);
--> statement-breakpoint
CREATE TABLE "gold_items" (
	"project_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"use" text NOT NULL,
	"prediction_id" uuid NOT NULL,
	"verdicts" jsonb NOT NULL,
	"content_id" uuid NOT NULL,
	"content_hash" text NOT NULL,
	"source_entry_id" uuid,
	"set_by" uuid NOT NULL,
	"set_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"retired_at" timestamp(6) with time zone,
	CONSTRAINT "gold_items_project_id_item_id_pk" PRIMARY KEY("project_id","item_id")
);
--> statement-breakpoint
CREATE TABLE "practice_rounds" (
	"project_id" uuid NOT NULL,
	"queue_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"round" smallint NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"items" smallint NOT NULL,
	"judged" smallint DEFAULT 0 NOT NULL,
	"right" smallint DEFAULT 0 NOT NULL,
	"started_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"finished_at" timestamp(6) with time zone,
	CONSTRAINT "practice_rounds_project_id_queue_id_actor_id_round_pk" PRIMARY KEY("project_id","queue_id","actor_id","round")
);
--> statement-breakpoint
CREATE TABLE "precedents" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"item_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"content_id" uuid NOT NULL,
	"reasons" text[] NOT NULL,
	"specification_version" integer NOT NULL,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"withdrawn_at" timestamp(6) with time zone,
	CONSTRAINT "precedents_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "specifications" (
	"project_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"content_id" uuid NOT NULL,
	"schema" jsonb NOT NULL,
	"mapping" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"restores" integer,
	"created_by" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "specifications_project_id_version_pk" PRIMARY KEY("project_id","version")
);
--> statement-breakpoint
DROP INDEX "queue_entries_item";--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "priority" integer;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "kind" text DEFAULT 'review' NOT NULL;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "blind" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "simulated" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "second" jsonb;--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "reserved_for" uuid;--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "blind" boolean;--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "blind_probability" double precision;--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "round" smallint;--> statement-breakpoint
ALTER TABLE "queue_entries" ADD COLUMN "kind" text DEFAULT 'review' NOT NULL;--> statement-breakpoint
ALTER TABLE "queue_entries" ADD COLUMN "part" smallint;--> statement-breakpoint
ALTER TABLE "queue_entries" ADD COLUMN "aggregation" text DEFAULT 'majority' NOT NULL;--> statement-breakpoint
ALTER TABLE "queue_entries" ADD COLUMN "agreement_floor" double precision;--> statement-breakpoint
ALTER TABLE "queue_entries" ADD COLUMN "truth_entry_id" uuid;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "ordering" text DEFAULT 'ranked' NOT NULL;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "lease_ms" integer DEFAULT 300000 NOT NULL;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "blind_rate" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "gold_rate" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "vigilance_rate" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "aggregation" text DEFAULT 'majority' NOT NULL;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "agreement_floor" double precision;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "practice_items" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "practice_pass" double precision DEFAULT 0.8 NOT NULL;--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "worker_ids" uuid[];--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "adjudicator_ids" uuid[];--> statement-breakpoint
ALTER TABLE "queues" ADD COLUMN "whole_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "resolutions" ADD COLUMN "method" text DEFAULT 'majority' NOT NULL;--> statement-breakpoint
ALTER TABLE "resolutions" ADD COLUMN "posterior" jsonb;--> statement-breakpoint
ALTER TABLE "resolutions" ADD COLUMN "adjudication_event_id" uuid;--> statement-breakpoint
ALTER TABLE "resolutions" ADD COLUMN "specification_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "review_events" ADD COLUMN "blind" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "review_events" ADD COLUMN "preference" text;--> statement-breakpoint
ALTER TABLE "review_events" ADD COLUMN "picks" uuid[] DEFAULT '{}'::uuid[] NOT NULL;--> statement-breakpoint
ALTER TABLE "review_events" ADD COLUMN "posterior" jsonb;--> statement-breakpoint
ALTER TABLE "review_events" ADD COLUMN "bulk_id" uuid;--> statement-breakpoint
ALTER TABLE "review_events" ADD COLUMN "simulated" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "adjudications" ADD CONSTRAINT "adjudications_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "adjudications" ADD CONSTRAINT "adjudications_project_id_entry_id_queue_entries_project_id_id_fk" FOREIGN KEY ("project_id","entry_id") REFERENCES "public"."queue_entries"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_items" ADD CONSTRAINT "gold_items_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_items" ADD CONSTRAINT "gold_items_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_items" ADD CONSTRAINT "gold_items_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_items" ADD CONSTRAINT "gold_items_project_id_set_by_actors_project_id_id_fk" FOREIGN KEY ("project_id","set_by") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_rounds" ADD CONSTRAINT "practice_rounds_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_rounds" ADD CONSTRAINT "practice_rounds_project_id_queue_id_queues_project_id_id_fk" FOREIGN KEY ("project_id","queue_id") REFERENCES "public"."queues"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_rounds" ADD CONSTRAINT "practice_rounds_project_id_actor_id_actors_project_id_id_fk" FOREIGN KEY ("project_id","actor_id") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "precedents" ADD CONSTRAINT "precedents_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "precedents" ADD CONSTRAINT "precedents_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "precedents" ADD CONSTRAINT "precedents_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "specifications" ADD CONSTRAINT "specifications_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "specifications" ADD CONSTRAINT "specifications_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "adjudications_open" ON "adjudications" USING btree ("project_id","opened_at","entry_id") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "adjudications_leased" ON "adjudications" USING btree ("project_id","actor_id") WHERE state = 'leased';--> statement-breakpoint
CREATE INDEX "adjudications_queue" ON "adjudications" USING btree ("project_id","queue_id","state");--> statement-breakpoint
CREATE INDEX "decisions_flagged" ON "decisions" USING btree ("project_id","exposed_at") WHERE flagged or state = 'rejected';--> statement-breakpoint
CREATE INDEX "exposures_withheld" ON "exposures" USING btree ("project_id","created_at") WHERE suppressed_reason is not null;--> statement-breakpoint
CREATE INDEX "gold_items_use" ON "gold_items" USING btree ("project_id","use") WHERE retired_at is null;--> statement-breakpoint
CREATE INDEX "precedents_item" ON "precedents" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "precedents_entry" ON "precedents" USING btree ("project_id","entry_id");--> statement-breakpoint
CREATE INDEX "answers_queue" ON "answers" USING btree ("project_id","queue_id","kind","submitted_at");--> statement-breakpoint
CREATE INDEX "assignments_reserved" ON "assignments" USING btree ("project_id","reserved_for","queue_id") WHERE state = 'open' and reserved_for is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "queue_entries_item_kind" ON "queue_entries" USING btree ("project_id","queue_id","item_id","kind") WHERE kind <> 'practice';--> statement-breakpoint
CREATE INDEX "assignments_planted" ON "assignments" USING btree ("project_id","actor_id","queue_id") WHERE position < 0;--> statement-breakpoint
CREATE INDEX "queue_entries_planted" ON "queue_entries" USING btree ("project_id","queue_id","kind") WHERE kind <> 'review';--> statement-breakpoint
CREATE INDEX "queue_entries_state" ON "queue_entries" USING btree ("project_id","queue_id","state","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "review_events_bulk" ON "review_events" USING btree ("project_id","bulk_id") WHERE bulk_id is not null;--> statement-breakpoint
CREATE INDEX "review_events_queue_type" ON "review_events" USING btree ("project_id","queue_id","type","server_time" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON "specifications" FOR EACH ROW EXECUTE FUNCTION amend.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "specifications" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
