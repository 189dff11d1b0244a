using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// Trains the encoder's bias vectors only, 0.09 % of BERT-base (Ben Zaken et al. 2021, "BitFit: Simple Parameter-efficient
/// Fine-tuning for Transformer-based Masked Language-models", arXiv 2106.10199).
/// </summary>
[PeftMethodName("bitfit")]
public sealed record BitFit : PeftMethod
{
    /// <summary>Which biases train.</summary>
    /// <value><see cref="BitFitBiases.All"/>.</value>
    [Choice(BitFitBiases.All, BitFitBiases.QueryAndFeedForwardIn)]
    public BitFitBiases Biases { get; set; } = BitFitBiases.All;

    internal override double DefaultLearningRate => 1e-3;

    internal override void Validate()
    {
        if (!Enum.IsDefined(Biases))
            throw new ArgumentException($"{nameof(BitFit)}.{nameof(Biases)} is {Biases}; expected {string.Join(" or ", Enum.GetNames<BitFitBiases>())}.");
    }

    internal override void Apply(PeftContext context)
    {
        if (Biases == BitFitBiases.All)
            context.Train(ParameterNames.IsBias);
        else
            foreach (var (path, linear) in context.Model.Linears())
                if ((linear.Role & (TargetModules.Query | TargetModules.FeedForwardIn)) != 0)
                    context.Train(name => name == path + ".bias");
    }
}
