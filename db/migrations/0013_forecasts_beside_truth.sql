CREATE TABLE "monitor_outcomes" (
	"project_id" uuid NOT NULL,
	"day" date NOT NULL,
	"model_version_id" uuid NOT NULL,
	"simulated" boolean NOT NULL,
	"group_hash" text NOT NULL,
	"n" integer DEFAULT 0 NOT NULL,
	"error" double precision NOT NULL,
	CONSTRAINT "monitor_outcomes_pk" PRIMARY KEY("project_id","day","model_version_id","simulated","group_hash")
);
--> statement-breakpoint
ALTER TABLE "monitor_outcomes" ADD CONSTRAINT "monitor_outcomes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;
