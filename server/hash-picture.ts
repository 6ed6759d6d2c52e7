import 'server-only'
import sharp from 'sharp'
import { differenceHash, hashHeightPx, hashWidthPx } from '@/domain/perceptual-hash'

/** The difference hash of an encoded picture, as its thumbnail; transparent parts count as white. */
export async function hashPicture(bytes: Buffer): Promise<string> {
  const grey = await sharp(bytes)
    .flatten({ background: '#fff' })
    .greyscale()
    .resize(hashWidthPx, hashHeightPx, { fit: 'fill' })
    .raw()
    .toBuffer()
  return differenceHash(grey)
}
