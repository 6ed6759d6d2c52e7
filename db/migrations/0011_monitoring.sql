CREATE TABLE "alert_deliveries" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"alert_id" uuid NOT NULL,
	"event" text NOT NULL,
	"channel" text NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"due_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"last_error" text,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "alert_deliveries_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"state" text DEFAULT 'firing' NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"resolved_at" timestamp(6) with time zone,
	"evidence" jsonb NOT NULL,
	"simulated" boolean DEFAULT false NOT NULL,
	"owner_id" uuid,
	"acknowledged_at" timestamp(6) with time zone,
	"snoozed_until" timestamp(6) with time zone,
	CONSTRAINT "alerts_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "decision_measures" (
	"project_id" uuid NOT NULL,
	"exposure_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"final_size" integer NOT NULL,
	"saved" integer,
	"apart" double precision,
	CONSTRAINT "decision_measures_project_id_exposure_id_pk" PRIMARY KEY("project_id","exposure_id")
);
--> statement-breakpoint
CREATE TABLE "monitor_counts" (
	"project_id" uuid NOT NULL,
	"slice" text NOT NULL,
	"day" date NOT NULL,
	"hour" smallint NOT NULL,
	"model_version_id" uuid NOT NULL,
	"arm" text NOT NULL,
	"simulated" boolean NOT NULL,
	"exposures" integer DEFAULT 0 NOT NULL,
	"blind" integer DEFAULT 0 NOT NULL,
	"eligible" integer DEFAULT 0 NOT NULL,
	"offered" integer DEFAULT 0 NOT NULL,
	"seen" integer DEFAULT 0 NOT NULL,
	"accepted" integer DEFAULT 0 NOT NULL,
	"corrected" integer DEFAULT 0 NOT NULL,
	"rejected" integer DEFAULT 0 NOT NULL,
	"dismissed" integer DEFAULT 0 NOT NULL,
	"written" integer DEFAULT 0 NOT NULL,
	"ignored" integer DEFAULT 0 NOT NULL,
	"undone" integer DEFAULT 0 NOT NULL,
	"errors" integer DEFAULT 0 NOT NULL,
	"held_back" integer DEFAULT 0 NOT NULL,
	"explored" integer DEFAULT 0 NOT NULL,
	"with_propensity" integer DEFAULT 0 NOT NULL,
	"latency" integer[] NOT NULL,
	"decided" integer[] NOT NULL,
	"undecided" integer[] NOT NULL,
	"confidence" integer[] NOT NULL,
	"edit" integer[] NOT NULL,
	"input_size" integer[] NOT NULL,
	"final_size" integer[] NOT NULL,
	"settled_n" integer DEFAULT 0 NOT NULL,
	"settled_sum" double precision DEFAULT 0 NOT NULL,
	"settled_squares" double precision DEFAULT 0 NOT NULL,
	"saved_n" integer DEFAULT 0 NOT NULL,
	"saved_sum" double precision DEFAULT 0 NOT NULL,
	"saved_squares" double precision DEFAULT 0 NOT NULL,
	"apart_n" integer DEFAULT 0 NOT NULL,
	"apart_sum" double precision DEFAULT 0 NOT NULL,
	"apart_squares" double precision DEFAULT 0 NOT NULL,
	CONSTRAINT "monitor_counts_pk" PRIMARY KEY("project_id","slice","day","hour","model_version_id","arm","simulated")
);
--> statement-breakpoint
CREATE TABLE "monitor_settings" (
	"project_id" uuid PRIMARY KEY NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"webhook_secret" text,
	"looked_at" timestamp(6) with time zone,
	"resumed_at" timestamp(6) with time zone
);
--> statement-breakpoint
CREATE TABLE "monitor_trips" (
	"project_id" uuid NOT NULL,
	"day" date NOT NULL,
	"rule" text NOT NULL,
	"model_version_id" uuid NOT NULL,
	"simulated" boolean NOT NULL,
	"held_back" integer DEFAULT 0 NOT NULL,
	"filtered" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "monitor_trips_pk" PRIMARY KEY("project_id","day","rule","model_version_id","simulated")
);
--> statement-breakpoint
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_project_id_alert_id_alerts_project_id_id_fk" FOREIGN KEY ("project_id","alert_id") REFERENCES "public"."alerts"("project_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "decision_measures" ADD CONSTRAINT "decision_measures_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "decision_measures" ADD CONSTRAINT "decision_measures_project_id_exposure_id_exposures_project_id_id_fk" FOREIGN KEY ("project_id","exposure_id") REFERENCES "public"."exposures"("project_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "monitor_counts" ADD CONSTRAINT "monitor_counts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "monitor_settings" ADD CONSTRAINT "monitor_settings_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "monitor_trips" ADD CONSTRAINT "monitor_trips_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "alert_deliveries_due" ON "alert_deliveries" USING btree ("due_at") WHERE state = 'waiting';
--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_firing" ON "alerts" USING btree ("project_id","kind","subject") WHERE state = 'firing';
--> statement-breakpoint
CREATE INDEX "alerts_recent" ON "alerts" USING btree ("project_id","created_at" DESC NULLS LAST);
--> statement-breakpoint
-- What was counted before monitors were is counted again, from the newest day on, for them too.
INSERT INTO feedback_dirty_days (project_id, slice_id, day) SELECT DISTINCT project_id, slice_id, day FROM feedback_days ON CONFLICT DO NOTHING;
