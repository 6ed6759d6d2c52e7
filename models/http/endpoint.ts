import { z } from 'zod'

/** The kind of a model that is asked over HTTP. */
export const httpKind = 'http'

/** How an endpoint speaks: our own form, OpenAI’s chat completions, the Open Inference Protocol (KServe v2), BentoML. */
const protocols = ['amend', 'openai', 'kserve', 'bentoml'] as const

/** Where and how a version is asked. Holds no secret: a key stands in the environment, under the name that is given here. */
export const endpointSchema = z
  .object({
    protocol: z.enum(protocols),
    /** In full, as `https://models.example/v1/chat/completions` or `…/v2/models/NAME/infer`. */
    url: z.url({ protocol: /^https?$/ }).max(2000),
    /** Of `openai`: the model that is asked for. */
    model: z.string().trim().min(1).max(200).optional(),
    /** Of `openai`: what it is told before the conversation. */
    instructions: z.string().trim().min(1).max(4000).optional(),
    /** The environment variable of the server that holds the bearer token. */
    keyVariable: z
      .string()
      .regex(/^AMEND_MODEL_KEY_[A-Z0-9_]{1,60}$/, 'must look like AMEND_MODEL_KEY_NAME')
      .optional(),
    /** For one try. Suggestions wait no longer than AMEND_SUGGEST_TIMEOUT_MS for all of them. */
    timeoutMs: z.number().int().min(100).max(60_000).default(5_000),
    /** After a fault that may pass: no answer, 429, 5xx. */
    retries: z.number().int().min(0).max(5).default(2),
    /** What its answers count as where it does not say how sure it is. */
    confidence: z.number().min(0).max(1).default(0.7),
  })
  .strict()
export type Endpoint = z.output<typeof endpointSchema>
