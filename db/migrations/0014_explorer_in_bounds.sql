CREATE INDEX "decisions_version" ON "decisions" USING btree ("project_id","model_version_id","exposed_at" DESC NULLS LAST,"exposure_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "decisions_confidence" ON "decisions" USING btree ("project_id","confidence");--> statement-breakpoint
CREATE INDEX "decisions_undone" ON "decisions" USING btree ("project_id","exposed_at" DESC NULLS LAST,"exposure_id" DESC NULLS LAST) WHERE ever_undone;--> statement-breakpoint
CREATE INDEX "decisions_marked" ON "decisions" USING btree ("project_id","exposed_at" DESC NULLS LAST,"exposure_id" DESC NULLS LAST) WHERE flagged;--> statement-breakpoint
CREATE INDEX "decisions_held_back" ON "decisions" USING btree ("project_id","exposed_at" DESC NULLS LAST,"exposure_id" DESC NULLS LAST) WHERE not suggestion_shown;--> statement-breakpoint
CREATE INDEX "exposures_arm" ON "exposures" USING btree ("project_id","arm") WHERE arm <> 'live';--> statement-breakpoint
CREATE INDEX "exposures_blind" ON "exposures" USING btree ("project_id") WHERE blind;--> statement-breakpoint
CREATE INDEX "exposures_holdback" ON "exposures" USING btree ("project_id") WHERE holdback;--> statement-breakpoint
CREATE INDEX "contents_answer_search" ON "contents" USING gin (jsonb_to_tsvector('simple'::regconfig, body, '["string"]')) WHERE kind = 'answer' and body is not null;--> statement-breakpoint
CREATE INDEX "items_excluded" ON "items" USING btree ("project_id") WHERE excluded_at is not null;