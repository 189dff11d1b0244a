using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>SetFit with all options</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    public static MulticlassSetFitTrainer SetFit(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, SetFitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MulticlassSetFitTrainer(CatalogEnvironment.Of(catalog), options);
    }

    /// <summary>SetFit with all options</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    public static BinarySetFitTrainer SetFit(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, SetFitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new BinarySetFitTrainer(CatalogEnvironment.Of(catalog), options);
    }
}
