using Microsoft.ML;

namespace MLNet.FineTune.Search;

/// <summary>A fitted model, with what objectives measure it by.</summary>
/// <param name="context">The context of the trial.</param>
/// <param name="model">The model; it stays the caller's.</param>
/// <param name="inputSchema">The schema of what it takes.</param>
/// <param name="validation">Rows to measure on.</param>
/// <param name="fitTime">How long the fit took.</param>
/// <param name="memory">What watched the fit and goes on watching; null where nobody asks.</param>
internal sealed class FittedTrainer(MLContext context, ITransformer model, DataViewSchema inputSchema, IDataView validation, TimeSpan fitTime, MemoryPeak? memory)
{
    private IDataView? _scored;

    public MLContext Context => context;

    public ITransformer Model => model;

    public TimeSpan FitTime => fitTime;

    /// <summary>The validation rows as the model transforms them; what was read of them is kept.</summary>
    public IDataView Scored => _scored ??= context.Data.Cache(model.Transform(validation));

    /// <summary>The most memory so far, beyond what there was before the fit.</summary>
    public long PeakMemoryBytes => memory!.Bytes;

    /// <summary>The time that a row takes through the model: all columns that it adds are read.</summary>
    public double ScoringMilliseconds()
    {
        // Kept in memory, so that where the rows come from is not in it.
        IDataView rows = context.Data.Cache(context.Data.TakeRows(validation, ScoringTime.MostRows));
        int count = RowReader.Read(rows, rows.Schema);
        if (count == 0)
            return double.NaN;
        return ScoringTime.Milliseconds(count, () =>
        {
            IDataView scored = model.Transform(rows);
            RowReader.Read(scored, scored.Schema.Where(column => rows.Schema.GetColumnOrNull(column.Name) is null));
        });
    }

    /// <summary>The size of the saved model.</summary>
    public long SavedBytes()
    {
        using var stream = new MemoryStream();
        context.Model.Save(model, inputSchema, stream);
        return stream.Length;
    }
}
