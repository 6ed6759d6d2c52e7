CREATE TABLE "person_keys" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"letters_on" boolean DEFAULT true NOT NULL,
	"own" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"changed_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "person_keys" ADD CONSTRAINT "person_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;