using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.SchemaShape.Column;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>A column with one value a row or several: texts of answers, or the places where they begin.</summary>
internal static class AnswerColumn
{
    private const string TextTypes = "text (String) or a vector of text", NumberTypes = "a number or a vector of numbers";

    /// <summary>Finds a column of answers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is not text.</exception>
    public static DataViewSchema.Column BindTexts(DataViewSchema schema, string role, string name, string parameter)
    {
        DataViewSchema.Column column = SchemaError.Find(schema, parameter, role, name);
        return column.Type.GetItemType() is TextDataViewType ? column : throw SchemaError.WrongType(parameter, role, name, TextTypes, column.Type.ToString()!);
    }

    /// <summary>Finds a column of places.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or holds no numbers.</exception>
    public static DataViewSchema.Column BindNumbers(DataViewSchema schema, string role, string name, string parameter)
    {
        DataViewSchema.Column column = SchemaError.Find(schema, parameter, role, name);
        return column.Type.GetItemType() is NumberDataViewType ? column : throw SchemaError.WrongType(parameter, role, name, NumberTypes, column.Type.ToString()!);
    }

    /// <summary>Checks a column of a schema that is only promised yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public static void Check(SchemaShape schema, string role, string name, bool texts, string parameter)
    {
        SchemaShape.Column column = SchemaError.Find(schema, parameter, role, name);
        if (column.IsKey || (texts ? column.ItemType is not TextDataViewType : column.ItemType is not NumberDataViewType))
            throw SchemaError.WrongType(parameter, role, name, texts ? TextTypes : NumberTypes, column.GetTypeString());
    }

    /// <summary>A function that reads the texts of the row's current position; one where the column is no vector.</summary>
    public static Func<string[]> MakeTextReader(DataViewRow row, DataViewSchema.Column column) => MakeReader<ReadOnlyMemory<char>, string>(row, column, TextDataViewType.Instance, text => text.ToString());

    /// <summary>A function that reads the numbers of the row's current position; one where the column is no vector.</summary>
    public static Func<double[]> MakeNumberReader(DataViewRow row, DataViewSchema.Column column) => MakeReader<double, double>(row, column, NumberDataViewType.Double, number => number);

    private static Func<TResult[]> MakeReader<T, TResult>(DataViewRow row, DataViewSchema.Column column, PrimitiveDataViewType type, Func<T, TResult> convert)
    {
        if (column.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<T>> vector = RowCursorUtils.GetVecGetterAs<T>(type, row, column.Index);
            VBuffer<T> values = default;
            return () =>
            {
                vector(ref values);
                return [.. values.DenseValues().Select(convert)];
            };
        }
        ValueGetter<T> scalar = RowCursorUtils.GetGetterAs<T>(type, row, column.Index);
        T value = default!;
        return () =>
        {
            scalar(ref value);
            return [convert(value)];
        };
    }
}
