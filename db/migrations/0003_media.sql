CREATE TABLE "item_media" (
	"project_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"media_id" uuid NOT NULL,
	CONSTRAINT "item_media_project_id_item_id_media_id_pk" PRIMARY KEY("project_id","item_id","media_id")
);
--> statement-breakpoint
CREATE TABLE "media" (
	"project_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"kind" text NOT NULL,
	"content_type" text NOT NULL,
	"sha256" text,
	"bytes" integer NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"thumbnail_sha256" text,
	"thumbnail_bytes" integer NOT NULL,
	"owner_actor_id" uuid,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL,
	"erased_at" timestamp(6) with time zone,
	CONSTRAINT "media_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
ALTER TABLE "item_media" ADD CONSTRAINT "item_media_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_media" ADD CONSTRAINT "item_media_project_id_item_id_items_project_id_id_fk" FOREIGN KEY ("project_id","item_id") REFERENCES "public"."items"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_media" ADD CONSTRAINT "item_media_project_id_media_id_media_project_id_id_fk" FOREIGN KEY ("project_id","media_id") REFERENCES "public"."media"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media" ADD CONSTRAINT "media_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media" ADD CONSTRAINT "media_project_id_owner_actor_id_actors_project_id_id_fk" FOREIGN KEY ("project_id","owner_actor_id") REFERENCES "public"."actors"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "item_media_media" ON "item_media" USING btree ("project_id","media_id");--> statement-breakpoint
CREATE INDEX "media_sha256" ON "media" USING btree ("project_id","sha256");--> statement-breakpoint
CREATE INDEX "media_thumbnail" ON "media" USING btree ("project_id","thumbnail_sha256");--> statement-breakpoint
CREATE INDEX "media_owner" ON "media" USING btree ("project_id","owner_actor_id") WHERE owner_actor_id is not null;--> statement-breakpoint
CREATE INDEX "media_to_remove" ON "media" USING btree ("project_id","id") WHERE erased_at is not null and sha256 is not null;--> statement-breakpoint
-- What was uploaded is never exchanged: a row may be erased, or handed from a person to the project.
CREATE FUNCTION "amend"."media_erase_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.project_id, NEW.id, NEW.kind, NEW.content_type, NEW.bytes, NEW.width, NEW.height, NEW.thumbnail_bytes, NEW.created_at)
       = (OLD.project_id, OLD.id, OLD.kind, OLD.content_type, OLD.bytes, OLD.width, OLD.height, OLD.thumbnail_bytes, OLD.created_at)
       AND (NEW.sha256 IS NOT DISTINCT FROM OLD.sha256 OR (NEW.sha256 IS NULL AND NEW.erased_at IS NOT NULL))
       AND (NEW.thumbnail_sha256 IS NOT DISTINCT FROM OLD.thumbnail_sha256 OR (NEW.thumbnail_sha256 IS NULL AND NEW.erased_at IS NOT NULL))
       AND (OLD.erased_at IS NULL OR NEW.erased_at = OLD.erased_at) THEN
      RETURN NEW;
    END IF;
  ELSIF coalesce(current_setting('amend.purge', true), '') = OLD.project_id::text THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'media can be erased, not changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER media_erase_only BEFORE UPDATE OR DELETE ON "media" FOR EACH ROW EXECUTE FUNCTION amend.media_erase_only();
--> statement-breakpoint
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "media" FOR EACH STATEMENT EXECUTE FUNCTION amend.refuse_change();
