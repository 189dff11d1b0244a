using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Transformers;

/// <summary>What models consist of.</summary>
internal static class TransformerChains
{
    /// <summary>The transformers of a model one after the other, those of chains in chains too.</summary>
    public static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is ITransformerChainAccessor chain ? chain.Transformers.SelectMany(Flatten) : [model];
}
