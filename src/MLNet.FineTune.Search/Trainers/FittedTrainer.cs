using Microsoft.ML;

namespace MLNet.FineTune.Search;

/// <summary>A fitted model, with what objectives measure it by.</summary>
/// <param name="context">The context of the trial.</param>
/// <param name="model">The model; it stays the caller's.</param>
/// <param name="inputSchema">The schema of what it takes.</param>
/// <param name="validation">Rows to measure on.</param>
/// <param name="fitTime">How long the fit took.</param>
internal sealed class FittedTrainer(MLContext context, ITransformer model, DataViewSchema inputSchema, IDataView validation, TimeSpan fitTime)
{
    private IDataView? _scored;

    public MLContext Context => context;

    public ITransformer Model => model;

    public TimeSpan FitTime => fitTime;

    /// <summary>The validation rows as the model transforms them; what was read of them is kept.</summary>
    public IDataView Scored => _scored ??= context.Data.Cache(model.Transform(validation));

    /// <summary>The size of the saved model.</summary>
    public long SavedBytes()
    {
        using var stream = new MemoryStream();
        context.Model.Save(model, inputSchema, stream);
        return stream.Length;
    }
}
