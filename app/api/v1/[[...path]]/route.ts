import { createApi } from '@/api/app'

export const dynamic = 'force-dynamic'

const api = createApi()
const answer = (request: Request) => api.fetch(request)

/** For `next dev`; in production `main.ts` answers the API before Next sees the request. */
export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
}
