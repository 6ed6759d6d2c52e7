CREATE TABLE "instance_notes" (
	"name" text PRIMARY KEY NOT NULL,
	"body" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT amend.now() NOT NULL
);
