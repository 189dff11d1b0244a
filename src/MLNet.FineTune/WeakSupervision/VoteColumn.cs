using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>The votes column of one schema: its functions and classes, and how a row's votes are read.</summary>
internal sealed class VoteColumn
{
    /// <summary>The annotation of a votes column that holds the names of the classes.</summary>
    public const string ClassNamesKind = "VoteClassNames";

    private const string Role = "votes";
    private const string Expected = "a vector of numbers, one for each labelling function";

    private VoteColumn(DataViewSchema.Column column, string[]? functionNames, string[]? classNames) =>
        (Column, FunctionNames, ClassNames) = (column, functionNames, classNames);

    public DataViewSchema.Column Column { get; }

    /// <summary>The slot names; null where the column has none.</summary>
    public string[]? FunctionNames { get; }

    /// <summary>The names that came with the votes, or null.</summary>
    public string[]? ClassNames { get; }

    /// <summary>How many votes a row has; 0 where each row may have its own number.</summary>
    public int Size => ((VectorDataViewType)Column.Type).Size;

    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or is no vector of numbers.</exception>
    public static VoteColumn Bind(DataViewSchema schema, string name, string parameter)
    {
        DataViewSchema.Column column = SchemaError.Find(schema, parameter, Role, name);
        if (column.Type is not VectorDataViewType { ItemType: NumberDataViewType } vector)
            throw SchemaError.WrongType(parameter, Role, name, Expected, column.Type.ToString()!);
        return new VoteColumn(column, column.HasSlotNames() ? Texts(column, AnnotationUtils.Kinds.SlotNames) : null,
            column.Annotations.Schema.GetColumnOrNull(ClassNamesKind)?.Type is VectorDataViewType { ItemType: TextDataViewType } ? Texts(column, ClassNamesKind) : null);
    }

    /// <summary>Checks a column of a schema that is only promised yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or is no vector of numbers.</exception>
    public static void Check(SchemaShape schema, string name, string parameter)
    {
        SchemaShape.Column column = SchemaError.Find(schema, parameter, Role, name);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || column.IsKey || column.ItemType is not NumberDataViewType)
            throw SchemaError.WrongType(parameter, Role, name, Expected, column.GetTypeString());
    }

    /// <exception cref="ArgumentOutOfRangeException">The column has another number of votes than there are functions, or slots of other names.</exception>
    public void CheckFunctions(IReadOnlyList<string> expected, string parameter)
    {
        if (Size != 0 && Size != expected.Count)
            throw SchemaError.WrongType(parameter, Role, Column.Name, $"a vector of {expected.Count} votes, of the labelling functions that the model was fitted to", $"a vector of {Size}", "Fit the model anew when functions come or go.");
        if (FunctionNames is null || expected.SequenceEqual(NumberedFunctions(expected.Count)))
            return;
        for (int i = 0; i < expected.Count; i++)
            if (FunctionNames[i] != expected[i])
                throw SchemaError.WrongType(parameter, Role, Column.Name, $"of the labelling functions that the model was fitted to, '{expected[i]}' in slot {i}", $"of '{FunctionNames[i]}' there", "Apply the functions in the same order, or fit the model anew.");
    }

    /// <summary>What a function without a slot name is called.</summary>
    public static string[] NumberedFunctions(int count) => [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"function {i}"))];

    /// <summary>A function that reads the votes of the row's current position.</summary>
    /// <param name="row">The row.</param>
    /// <param name="functionNames">The functions that are expected; null where the first row says how many there are.</param>
    /// <param name="classCount">How many classes there are.</param>
    public Func<int[]> MakeReader(DataViewRow row, IReadOnlyList<string>? functionNames, int classCount)
    {
        ValueGetter<VBuffer<double>> getter = RowCursorUtils.GetVecGetterAs<double>(NumberDataViewType.Double, row, Column.Index);
        VBuffer<double> values = default;
        int[] votes = functionNames is null ? [] : new int[functionNames.Count];
        return () =>
        {
            getter(ref values);
            functionNames ??= FunctionNames ?? NumberedFunctions(values.Length);
            if (values.Length != functionNames.Count)
                throw new InvalidOperationException($"Row {row.Position} (counted from 0) has {values.Length} votes in '{Column.Name}'; expected {functionNames.Count}, one of each labelling function.");
            if (votes.Length != values.Length)
                votes = new int[values.Length];
            foreach ((int function, double value) in values.Items(all: true))
                votes[function] = Vote(value, function, row.Position, functionNames[function], classCount);
            return votes;
        };
    }

    private int Vote(double value, int function, long row, string name, int classCount)
    {
        if (double.IsNaN(value) || value == VoteMatrix.Abstain)
            return VoteMatrix.Abstain;
        return value >= 0 && value < classCount && value == Math.Floor(value) ? (int)value
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"The vote of the labelling function '{name}' (slot {function}) in row {row} (counted from 0), column '{Column.Name}', is {value}; expected a class from 0 to {classCount - 1}, or −1 where it abstains."));
    }

    private static string[] Texts(DataViewSchema.Column column, string kind)
    {
        VBuffer<ReadOnlyMemory<char>> texts = default;
        column.Annotations.GetValue(kind, ref texts);
        return [.. texts.DenseValues().Select(text => text.ToString())];
    }
}
