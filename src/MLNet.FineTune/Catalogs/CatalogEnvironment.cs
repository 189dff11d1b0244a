using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Catalogs;

/// <summary>The host environment behind a catalog: a trainer registers with it, logs to it and takes its seed from it.</summary>
internal static class CatalogEnvironment
{
    /// <param name="catalog">For instance <c>mlContext.MulticlassClassification.Trainers</c>.</param>
    /// <exception cref="ArgumentNullException">The catalog is null.</exception>
    public static IHostEnvironment Of(IInternalCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.GetEnvironment();
    }
}
