namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>
/// Floating-point operations of the matrix products that a token of a row needs, two for each multiply-add; heads and all that is no matrix product are left
/// out. A classifier reads the first vector of a row: of the last layer it needs keys and values of all tokens, and all else of one.
/// </summary>
internal sealed record EncoderFlops(int Layers, int Hidden, int Length)
{
    /// <summary>Four projections of H × H and two of H × 4H.</summary>
    private double Projections => (12.0 * (Layers - 1) + 2 + 10.0 / Length) * 2 * Hidden * Hidden;

    /// <summary>Scores and weighted sum: L × H each.</summary>
    private double Attention => ((double)Length * (Layers - 1) + 1) * 2 * 2 * Hidden;

    public double Forward => Projections + Attention;

    /// <summary>Every product of the forward pass has one for each factor's gradient.</summary>
    public double Full => 3 * Forward;

    /// <summary>Three times all of every layer, and the prediction of a share of the tokens: a projection, and a product with the whole vocabulary.</summary>
    public double MaskedLanguageModel(double rate, int vocabulary) =>
        3 * (Layers * (2.0 * 12 * Hidden * Hidden + 2.0 * 2 * Length * Hidden) + rate * 2 * Hidden * (Hidden + (double)vocabulary));

    /// <summary>Nothing below the head needs a gradient.</summary>
    public double Head => Forward;

    /// <summary>Low-rank updates on query and value: input gradients but no weight gradients of the projections, and the updates' own products.</summary>
    public double Lora(int rank)
    {
        // Nothing below the first layer's updates trains: its query, key and value need no input gradient, nor do its keys, nor the updates' inputs.
        double notNeeded = 3 * 2.0 * Hidden * Hidden + 2.0 * Length * Hidden + 2 * 2.0 * rank * Hidden;
        double own = 3 * (2 * (Layers - 1) + 1 + 1.0 / Length) * 2 * 2 * rank * Hidden;
        return 2 * Projections + 3 * Attention + own - notNeeded;
    }
}
