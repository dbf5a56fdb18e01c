// All gradient rules, by ONNX operator. Add an operator: add its row and a row of tests/graph/vjp.test.ts.
import type { GradientRule } from '../value'
import { elementwiseRules } from './elementwise'
import { linearRules } from './linear'
import { normRules } from './norm'
import { shapeRules } from './shape'

export const rules: Readonly<Record<string, GradientRule>> = {
  ...elementwiseRules,
  ...linearRules,
  ...normRules,
  ...shapeRules,
}
