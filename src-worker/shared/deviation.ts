// Matrices in few bits against the full model, in words.

/** "loss 3.6845, of the full model 3.6844, the gradient deviates by 0.85 %" */
export function deviationText(found: {
  readonly fullLoss: number
  readonly loss: number
  readonly gradient: number | null
}): string {
  const { fullLoss, loss, gradient } = found
  const ofLoss = `loss ${loss.toFixed(4)}, of the full model ${fullLoss.toFixed(4)}`
  return gradient === null
    ? ofLoss
    : `${ofLoss}, the gradient deviates by ${(100 * gradient).toFixed(2)} %`
}
