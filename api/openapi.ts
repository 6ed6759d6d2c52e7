import { extendZodWithOpenApi, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { problem } from '@/contract/v1/common'
import { permissions } from '@/domain/permission'
import type { AnyRoute } from './route'

extendZodWithOpenApi(z)

let cached: object | null = null

/** OpenAPI 3.1 of the whole API, generated from the schemas that check the requests. */
export function openApiDocument(routes: readonly AnyRoute[]): object {
  cached ??= generate(routes)
  return cached
}

function generate(routes: readonly AnyRoute[]): object {
  const app = new OpenAPIHono()
  const registry = app.openAPIRegistry
  registry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key of the project',
  })
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'amend.session',
  })
  const problems = { description: 'A refusal', content: { 'application/problem+json': { schema: problem } } }
  for (const route of routes) {
    const grant =
      route.permission in permissions ? permissions[route.permission as keyof typeof permissions] : null
    registry.registerPath({
      method: route.method,
      path: `/api/v1${route.path}`,
      tags: [route.tag],
      summary: route.summary,
      security:
        route.permission === 'public'
          ? []
          : grant && grant.scopes.length > 0
            ? [{ key: [] }, { session: [] }]
            : [{ session: [] }],
      'x-permission': route.permission,
      ...(grant ? { 'x-roles': grant.roles, 'x-scopes': grant.scopes } : {}),
      request: {
        ...(route.params ? { params: route.params as never } : {}),
        ...(route.query ? { query: route.query as never } : {}),
        ...(route.body
          ? {
              body: {
                required: true,
                content: { 'application/json': { schema: (route.documentedBody ?? route.body) as never } },
              },
            }
          : route.rawBody
            ? {
                body: {
                  required: true,
                  description: route.rawBody,
                  content: { '*/*': { schema: { type: 'string', format: 'binary' } as never } },
                },
              }
            : {}),
      },
      responses: {
        ...Object.fromEntries(
          Object.entries(route.answers).map(([status, a]) => [
            status,
            {
              description: a.description,
              ...(a.schema || a.contentType
                ? {
                    content: {
                      [a.contentType ?? 'application/json']: { schema: (a.schema ?? z.string()) as never },
                    },
                  }
                : {}),
            },
          ]),
        ),
        default: problems,
      },
    })
  }
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Amend',
      version: '1.0.0',
      description: 'The feedback layer of ML products. Errors are RFC 9457 problem+json with a stable code.',
    },
    servers: [{ url: '/' }],
  })
}
