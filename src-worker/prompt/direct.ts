// The rows themselves are trained.
import type { Generator, ShapeOf } from './generator'

export const direct: Generator<ShapeOf<'direct'>> = (_shape, parameter) => parameter('embedding')
