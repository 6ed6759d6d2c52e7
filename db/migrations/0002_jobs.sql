CREATE TABLE "import_errors" (
	"project_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"field" text,
	"detail" text NOT NULL,
	CONSTRAINT "import_errors_project_id_import_id_line_pk" PRIMARY KEY("project_id","import_id","line")
);
--> statement-breakpoint
CREATE TABLE "import_rows" (
	"project_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"item_id" uuid NOT NULL,
	CONSTRAINT "import_rows_project_id_import_id_line_pk" PRIMARY KEY("project_id","import_id","line")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"file_name" text NOT NULL,
	"content_hash" text NOT NULL,
	"bytes" integer NOT NULL,
	"format" text NOT NULL,
	"reading" jsonb NOT NULL,
	"mapping" jsonb,
	"state" text DEFAULT 'uploaded' NOT NULL,
	"job_id" uuid,
	"position" integer DEFAULT 0 NOT NULL,
	"total" integer,
	"stored" integer DEFAULT 0 NOT NULL,
	"known" integer DEFAULT 0 NOT NULL,
	"refused" integer DEFAULT 0 NOT NULL,
	"started_by_user" uuid,
	"started_by_key" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"started_at" timestamp(6) with time zone,
	"finished_at" timestamp(6) with time zone,
	CONSTRAINT "imports_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "job_workers" (
	"id" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"process_mark" text,
	"started_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"heartbeat_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"kind" text NOT NULL,
	"payload" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer,
	"message" text,
	"cancel_requested" boolean DEFAULT false NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"worker_id" text,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"started_at" timestamp(6) with time zone,
	"finished_at" timestamp(6) with time zone,
	"result" jsonb,
	"error" text,
	CONSTRAINT "jobs_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "import_errors" ADD CONSTRAINT "import_errors_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_errors" ADD CONSTRAINT "import_errors_project_id_import_id_imports_project_id_id_fk" FOREIGN KEY ("project_id","import_id") REFERENCES "public"."imports"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_rows" ADD CONSTRAINT "import_rows_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_rows" ADD CONSTRAINT "import_rows_project_id_import_id_imports_project_id_id_fk" FOREIGN KEY ("project_id","import_id") REFERENCES "public"."imports"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_rows" ADD CONSTRAINT "import_rows_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_project_id_job_id_jobs_project_id_id_fk" FOREIGN KEY ("project_id","job_id") REFERENCES "public"."jobs"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "import_rows_item" ON "import_rows" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "imports_recent" ON "imports" USING btree ("project_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "imports_content" ON "imports" USING btree ("project_id","content_hash");--> statement-breakpoint
CREATE INDEX "jobs_recent" ON "jobs" USING btree ("project_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "jobs_open" ON "jobs" USING btree ("created_at") WHERE state in ('queued', 'running');