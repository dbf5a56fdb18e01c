// One micro-batch as every program takes it. Letters: B lanes, S slots (tokens + prompt), R labelled rows, C conditions.

/**
 * Everything about prompt placing, masking, shifting and padding is already decided here;
 * programs only gather by these numbers.
 */
export interface MicroBatch {
  readonly lanes: number
  readonly slotsPerLane: number
  /** [B, S]: a token id, or −(j+1) for prompt token j */
  readonly slots: Int32Array
  /** [R]: flat index b·S + t of the slot whose logits predict the label */
  readonly rows: Int32Array
  /** [R]: token id */
  readonly labels: Int32Array
  /** [R]: weight of the row's loss; loss = Σ weight·nll / divisor */
  readonly weights: Float32Array
  /** 0: there is no label, and the loss is 0 */
  readonly divisor: number
  /** [B, C]; empty when the prompt is unconditional */
  readonly conditions: Float32Array
  /** tokens of the samples, prompt and padding not counted */
  readonly tokenCount: number
}
