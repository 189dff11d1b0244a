namespace MLNet.FineTune;

/// <summary>How well an encoder predicts hidden tokens of texts before and after fine-tuning: what it lost of its pretraining.</summary>
/// <param name="LossBefore">Mean cross-entropy of the hidden tokens with the pretrained encoder, in nats.</param>
/// <param name="LossAfter">The same with the fine-tuned encoder; the same tokens are hidden.</param>
/// <param name="TokenCount">How many tokens were hidden.</param>
public sealed record ForgettingReport(double LossBefore, double LossAfter, int TokenCount)
{
    /// <summary>By how much the loss rose, in nats a token; below zero where the encoder predicts better than before.</summary>
    public double Increase => LossAfter - LossBefore;
}
