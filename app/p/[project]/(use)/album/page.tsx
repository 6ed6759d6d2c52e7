import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { Album } from '@/components/album/album'
import { readConsent } from '@/server/consent'
import { listAlbum } from '@/server/list-album'
import { requireProjectPage } from '@/server/page-access'
import { taskFacts } from '@/tasks/registry'

export const metadata: Metadata = { title: 'Album' }

export default async function AlbumPage({ params }: { params: Promise<{ project: string }> }) {
  const slug = (await params).project
  const scope = await requireProjectPage(slug, 'album.use', `/p/${slug}/album`)
  const { caller, project } = scope
  if (caller.kind !== 'person') notFound()
  const usePage = taskFacts(project.taskType)?.usePage
  if (usePage && usePage !== 'album') redirect(`/p/${slug}/${usePage}`)
  const [page, consent] = await Promise.all([listAlbum(scope, { limit: 60 }), readConsent(scope)])
  const owner = {
    slug: project.slug,
    projectId: project.id,
    userId: caller.userId,
    pseudonym: consent.pseudonym,
    usePage: usePage ?? null,
  }
  return <Album owner={owner} title={project.name} page={page} consent={consent} />
}
