using MLNet.FineTune;

namespace Microsoft.ML;

/// <summary>The extension methods by which an <see cref="MLContext"/> fine-tunes pretrained transformers.</summary>
public static partial class FineTuneCatalog
{
    /// <summary>Operations on fine-tuned models that belong to no one trainer, such as permutation feature importance.</summary>
    /// <param name="mlContext">The context, whose seed, log and cancellation they use.</param>
    /// <returns>A catalog of the operations.</returns>
    public static FineTuningCatalog FineTuning(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new FineTuningCatalog(mlContext);
    }
}
