using System.Collections.ObjectModel;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search;

/// <summary>What trials learn from and are measured on: one pair of data, or one a fold; and before, shares of the rows.</summary>
internal sealed class SearchParts
{
    private readonly IReadOnlyList<(IDataView Train, IDataView Validation)> _parts;

    private SearchParts(params IReadOnlyList<(IDataView Train, IDataView Validation)> parts) => _parts = parts;

    public int Count => _parts.Count;

    public (IDataView Train, IDataView Validation) this[int part] => _parts[part];

    /// <summary>For each of the options' shares of the rows, that share of them to learn, and what is measured on.</summary>
    public IReadOnlyDictionary<double, (IDataView Train, IDataView Validation)> Shares { get; private init; } = ReadOnlyDictionary<double, (IDataView, IDataView)>.Empty;

    /// <summary>Splits the data of a search as its options say; the same options give the same parts.</summary>
    /// <param name="host">Provides channels for cursors.</param>
    /// <param name="options">The options.</param>
    /// <param name="checkAlive">Polled while labels are read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or has the wrong type.</exception>
    /// <exception cref="ArgumentException">There are too few rows, or a class has a single one.</exception>
    public static SearchParts Create<TOptions>(IHost host, TrainerSearchOptions<TOptions> options, Action checkAlive) where TOptions : class, new()
    {
        IDataView data = options.TrainingSet;
        if (options.ValidationSet is { } validation && options.DataShares.Count == 0)
            return new SearchParts((data, validation));
        string? column = options.StratificationColumnName ?? Default(data.Schema);
        int[] classes = LabelStrata.Read(data, column, checkAlive);
        if (options.ValidationSet is { } measured)
            return WithShares((data, measured), [.. Enumerable.Range(0, classes.Length)]);
        int single = classes.CountBy(label => label).Count(count => count.Value == 1);
        if (column is not null && single > 0)
            throw new ArgumentException($"{single} of the values of '{column}' have a single row, which cannot be both trained on and measured on. Add rows of them, leave them out, or give a {nameof(SearchOptions.ValidationSet)}.");
        if (options.Folds is { } folds)
            return new SearchParts([.. CrossValidation.Rows(classes, folds, options.Seed).Select(fold => (Rows(CrossValidation.Others(fold, classes.Length)), Rows(fold)))]);
        (int[] kept, int[] held) = StratifiedSplit.Create(classes, options.ValidationFraction, options.Seed);
        return WithShares((Rows(kept), Rows(held)), kept);

        SearchParts WithShares((IDataView Train, IDataView Validation) part, int[] rows)
        {
            int[] order = NestedSubsets.Order([.. rows.Select(row => classes[row])], options.Seed);
            return new SearchParts(part) { Shares = options.DataShares.ToDictionary(share => share, share => (Rows([.. DataRungs.Rows(order, share).Select(i => rows[i])]), part.Validation)) };
        }

        IDataView Rows(int[] rows) => new RowSubsetView(host, data, rows);
    }

    private static string? Default(DataViewSchema schema) =>
        schema.GetColumnOrNull("Label") is { } label && LabelStrata.HasClasses(label.Type) ? label.Name : null;
}
