import 'server-only'
import { headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import { isAmendError } from '@/domain/errors'
import type { Permission } from '@/domain/permission'
import { findPerson, openProject, type ProjectScope, readCredentials, type SignedInPerson } from './access'

/** The signed-in person of this page request, or null. */
export async function currentPerson(): Promise<SignedInPerson | null> {
  return findPerson(await readCredentials(await headers()))
}

/**
 * The gate of every page of a project: to sign-in when signed out, a 404 when it is not yours or not for your role.
 */
export async function requireProjectPage(
  slug: string,
  permission: Permission = 'project.view',
  here = `/p/${slug}`,
): Promise<ProjectScope> {
  try {
    return await openProject(await readCredentials(await headers()), slug, permission)
  } catch (error) {
    if (isAmendError(error)) {
      if (error.code === 'not_signed_in') redirect(`/sign-in?next=${encodeURIComponent(here)}`)
      notFound()
    }
    throw error
  }
}
