CREATE TABLE "item_outcomes" (
	"project_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"outcome_id" uuid NOT NULL,
	"content_id" uuid NOT NULL,
	"simulated" boolean NOT NULL,
	"corrected" integer NOT NULL,
	"known_at" timestamp(6) with time zone NOT NULL,
	CONSTRAINT "item_outcomes_project_id_item_id_pk" PRIMARY KEY("project_id","item_id")
);
--> statement-breakpoint
CREATE TABLE "outcomes" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"item_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"target_id" uuid,
	"content_id" uuid,
	"value_hash" text,
	"batch_id" uuid NOT NULL,
	"source" text NOT NULL,
	"actor_id" uuid,
	"simulated" boolean DEFAULT false NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "outcomes_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	CONSTRAINT "outcomes_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "feedback_events" ADD COLUMN "batch_id" uuid;--> statement-breakpoint
ALTER TABLE "item_outcomes" ADD CONSTRAINT "item_outcomes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_outcomes" ADD CONSTRAINT "item_outcomes_project_id_outcome_id_outcomes_project_id_id_fk" FOREIGN KEY ("project_id","outcome_id") REFERENCES "public"."outcomes"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_project_id_content_id_contents_project_id_id_fk" FOREIGN KEY ("project_id","content_id") REFERENCES "public"."contents"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "outcomes_item" ON "outcomes" USING btree ("project_id","item_id");--> statement-breakpoint
CREATE INDEX "outcomes_batch" ON "outcomes" USING btree ("project_id","batch_id");--> statement-breakpoint
CREATE INDEX "outcomes_target" ON "outcomes" USING btree ("project_id","target_id") WHERE target_id is not null;--> statement-breakpoint
CREATE INDEX "contents_series" ON "contents" USING btree ("project_id",(body->>'series'),(body->>'time') desc) WHERE kind = 'item' and body ? 'series';--> statement-breakpoint
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON "outcomes" FOR EACH ROW EXECUTE FUNCTION amend.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "outcomes" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
