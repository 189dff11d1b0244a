using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Search;

/// <summary>A search over a trainer's options as its storage has it: what all who take part must agree on.</summary>
internal static class TrainerStudy
{
    public static StudyDefinition Define<TOptions>(
        TrainerSearchOptions<TOptions> options, IReadOnlyList<IReadOnlyDictionary<string, object>> firstPoints, MLContext context) where TOptions : class, new() => new()
    {
        Name = options.Name,
        Objectives = [.. options.Objectives.Select(objective => objective.ToStudy())],
        Settings = new Dictionary<string, string>(DataRungs.Settings(options.DataShares))
        {
            ["data"] = Digest(options.TrainingSet, context),
            ["validation data"] = options.ValidationSet is { } validation ? Digest(validation, context)
                : (options.Folds is { } folds ? FormattableString.Invariant($"{folds} folds") : FormattableString.Invariant($"{options.ValidationFraction} of the data"))
                    + (options.StratificationColumnName is { } column ? $", spread by '{column}'" : ""),
            ["options"] = $"{typeof(TOptions).FullName}: {OptionsText.Of(options.Defaults)}",
            ["space"] = options.Parameters.Description,
            ["first points"] = string.Join("; ", firstPoints.Select(ParameterJson.Write)),
            ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
        },
    };

    /// <summary>SHA-256 of the columns that ML.NET can write as text.</summary>
    private static string Digest(IDataView data, MLContext context)
    {
        string[] columns = [.. data.Schema.Where(column => !column.IsHidden && IsText(column.Type)).Select(column => column.Name)];
        if (columns.Length == 0)
            return $"{data.Schema.Count} columns";
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            IDataView chosen = context.Transforms.SelectColumns(columns).Fit(data).Transform(data);
            context.Data.SaveAsText(chosen, stream, headerRow: true, schema: false);
        }
        return Convert.ToHexStringLower(hash.Hash!);
    }

    private static bool IsText(DataViewType type) =>
        type is TextDataViewType or NumberDataViewType or BooleanDataViewType or KeyDataViewType || type is VectorDataViewType { Size: > 0 } vector && IsText(vector.ItemType);
}
