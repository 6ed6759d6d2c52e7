import { readSdkFile } from '@/platform/sdk-file'

export const dynamic = 'force-dynamic'

/** The SDK, for pages of any site: it holds no secret, and what it may do is decided by the key. */
export async function GET(request: Request): Promise<Response> {
  const { text, etag } = await readSdkFile()
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    etag,
    'cache-control': 'public, max-age=300, stale-while-revalidate=86400',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  }
  const known = request.headers.get('if-none-match')?.split(/,\s*(?:W\/)?/)
  return known?.includes(etag)
    ? new Response(null, { status: 304, headers })
    : new Response(text, { headers })
}
