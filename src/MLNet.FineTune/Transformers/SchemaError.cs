using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Transformers;

/// <summary>The exceptions for a column that is absent or has the wrong type, of the type ML.NET's own trainers throw.</summary>
internal static class SchemaError
{
    private const int NamesShown = 20;

    public static ArgumentOutOfRangeException Missing(string parameter, string role, string column, IEnumerable<string> found)
    {
        string[] names = found.Distinct(StringComparer.Ordinal).ToArray();
        string list = names.Length == 0 ? "no columns" : string.Join(", ", names.Take(NamesShown).Select(name => $"'{name}'")) + (names.Length > NamesShown ? ", …" : "");
        return new(parameter, $"The {role} column '{column}' is not in the data, which has {list}. Set the option to the name of an existing column, or add the column.");
    }

    public static ArgumentOutOfRangeException WrongType(string parameter, string role, string column, string expected, string found, string? remedy = null) =>
        new(parameter, $"The {role} column '{column}' must be {expected}, but it is {found}.{(remedy is null ? "" : " " + remedy)}");

    /// <summary>The visible column of that name and role.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string parameter, string role, string column) =>
        schema.GetColumnOrNull(column) ?? throw Missing(parameter, role, column, schema.Where(c => !c.IsHidden).Select(c => c.Name));

    /// <summary>The column of that name and role in a schema that is only promised yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static SchemaShape.Column Find(SchemaShape schema, string parameter, string role, string column) =>
        schema.TryFindColumn(column, out SchemaShape.Column found) ? found : throw Missing(parameter, role, column, schema.Select(c => c.Name));
}
