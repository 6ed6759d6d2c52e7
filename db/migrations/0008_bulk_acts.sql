CREATE TABLE "bulk_acts" (
	"project_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"body_hash" text NOT NULL,
	"act" jsonb NOT NULL,
	"selection" jsonb NOT NULL,
	"expected" jsonb,
	"state" text DEFAULT 'running' NOT NULL,
	"job_id" uuid,
	"items" integer,
	"changed" integer DEFAULT 0 NOT NULL,
	"position" uuid,
	"action_id" uuid,
	"error" text,
	"started_by_user" uuid,
	"started_by_key" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"finished_at" timestamp(6) with time zone,
	CONSTRAINT "bulk_acts_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "queue_entries" ALTER COLUMN "inclusion_probability" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "bulk_acts" ADD CONSTRAINT "bulk_acts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_acts" ADD CONSTRAINT "bulk_acts_project_id_job_id_jobs_project_id_id_fk" FOREIGN KEY ("project_id","job_id") REFERENCES "public"."jobs"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bulk_acts_recent" ON "bulk_acts" USING btree ("project_id","created_at");