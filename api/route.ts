import type { Context } from 'hono'
import type { z } from 'zod'
import type { Permission } from '@/domain/permission'
import type { Credentials, ProjectScope, SignedInPerson } from '@/server/access'
import type { Arrival } from '@/server/note-arrival'

type Schema = z.ZodType
type Answer = { description: string; schema?: Schema; contentType?: string }

interface Described<P extends Schema, Q extends Schema, B extends Schema> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As OpenAPI writes it: `/projects/{project}/items/{id}`. */
  path: string
  tag: string
  summary: string
  params?: P
  query?: Q
  body?: B
  /** What the document shows as the body where `body` checks less, since its parts are checked one by one. */
  documentedBody?: Schema
  /** The body is taken as it is, not as JSON, and `handle` reads it; what it has to be, in words. */
  rawBody?: string
  /** Largest body in bytes; 256 KiB unless told. */
  maxBodyBytes?: number
  /** The first one is what a plain return value is sent as. */
  answers: Record<number, Answer>
  /** What the inspector tells of the body and its answer (null when it was refused as a whole). Never what people wrote. */
  arrived?(body: z.output<B>, result: unknown): Arrival['events']
}

interface Input<P extends Schema, Q extends Schema, B extends Schema> {
  params: z.output<P>
  query: z.output<Q>
  body: z.output<B>
  credentials: Credentials
  c: Context
}

export interface ProjectRoute<P extends Schema, Q extends Schema, B extends Schema>
  extends Described<P, Q, B> {
  permission: Permission
  handle(input: Input<P, Q, B> & { scope: ProjectScope }): Promise<unknown>
}

export interface GlobalRoute<P extends Schema, Q extends Schema, B extends Schema>
  extends Described<P, Q, B> {
  permission: 'public' | 'signed-in'
  handle(input: Input<P, Q, B> & { person: SignedInPerson | null }): Promise<unknown>
}

/** The stored form: inputs are checked against the schemas before `handle` runs, so the wide types are safe here. */
export type AnyRoute = Described<Schema, Schema, Schema> & {
  permission: Permission | 'public' | 'signed-in'
  // biome-ignore lint/suspicious/noExplicitAny: the two kinds of route differ only in what the door hands them
  handle(input: any): Promise<unknown>
}

/** A route inside a project: the door mints the scope for `permission` before `handle` runs. */
export function projectRoute<
  P extends Schema,
  Q extends Schema = z.ZodUndefined,
  B extends Schema = z.ZodUndefined,
>(route: ProjectRoute<P, Q, B>): AnyRoute {
  return route
}

export function globalRoute<
  P extends Schema = z.ZodUndefined,
  Q extends Schema = z.ZodUndefined,
  B extends Schema = z.ZodUndefined,
>(route: GlobalRoute<P, Q, B>): AnyRoute {
  return route
}
