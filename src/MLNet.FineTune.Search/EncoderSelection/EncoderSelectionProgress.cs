namespace MLNet.FineTune;

/// <summary>A run of the choice of an encoder that has ended.</summary>
/// <param name="Encoder">What was fine-tuned.</param>
/// <param name="Point">On how many rows, and with which loss.</param>
/// <param name="Elapsed">The time since the selection began.</param>
public sealed record EncoderSelectionProgress(EncoderSource Encoder, ScalingPoint Point, TimeSpan Elapsed);
