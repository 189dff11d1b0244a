using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Transformers;

/// <summary>The text columns of one schema, checked to be there and to be text.</summary>
internal sealed class TextColumns
{
    private readonly DataViewSchema.Column _sentence1;
    private readonly DataViewSchema.Column? _sentence2;

    private TextColumns(DataViewSchema.Column sentence1, DataViewSchema.Column? sentence2)
    {
        _sentence1 = sentence1;
        _sentence2 = sentence2;
    }

    /// <summary>Finds the one column of words.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is no vector of text.</exception>
    public static TextColumns BindWords(DataViewSchema schema, string words, string parameter)
    {
        DataViewSchema.Column column = SchemaError.Find(schema, parameter, "sentence1", words);
        return column.Type is VectorDataViewType { ItemType: TextDataViewType } ? new(column, null) : throw NotWords(parameter, words, column.Type.ToString()!);
    }

    /// <summary>Checks a column of words of a schema that is only promised yet.</summary>
    /// <inheritdoc cref="BindWords"/>
    public static void CheckWords(SchemaShape schema, string name, string parameter)
    {
        SchemaShape.Column column = SchemaError.Find(schema, parameter, "sentence1", name);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || column.IsKey || column.ItemType is not TextDataViewType)
            throw NotWords(parameter, name, column.GetTypeString());
    }

    /// <summary>Finds the columns of a question and its context.</summary>
    /// <inheritdoc cref="Bind(DataViewSchema, string, string?, string)"/>
    public static TextColumns BindQuestions(DataViewSchema schema, string question, string context, string parameter) =>
        new(Find(schema, "question", question, parameter), Find(schema, "context", context, parameter));

    public IEnumerable<DataViewSchema.Column> All => _sentence2 is { } second ? [_sentence1, second] : [_sentence1];

    /// <summary>Finds the columns of a text, or of a pair.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public static TextColumns Bind(DataViewSchema schema, string sentence1, string? sentence2, string parameter) =>
        new(Find(schema, "sentence1", sentence1, parameter), sentence2 is null ? null : Find(schema, "sentence2", sentence2, parameter));

    /// <summary>Finds the one column of texts.</summary>
    /// <inheritdoc cref="Bind(DataViewSchema, string, string?, string)"/>
    public static TextColumns Bind(DataViewSchema schema, string input, string parameter) => new(Find(schema, "input", input, parameter), null);

    /// <summary>Checks a column of a schema that is only promised yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is not text.</exception>
    public static void Check(SchemaShape schema, string role, string name, string parameter)
    {
        SchemaShape.Column column = SchemaError.Find(schema, parameter, role, name);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey || column.ItemType is not TextDataViewType)
            throw NotText(parameter, role, name, column.GetTypeString());
    }

    public bool Contains(int column) => _sentence1.Index == column || _sentence2?.Index == column;

    /// <summary>A function that reads the texts of the row's current position. A missing text (null) arrives from ML.NET as empty text.</summary>
    public Func<TextInput> MakeReader(DataViewRow row)
    {
        if (_sentence1.Type is VectorDataViewType)
            return MakeWordReader(row);
        ValueGetter<ReadOnlyMemory<char>> first = row.GetGetter<ReadOnlyMemory<char>>(_sentence1);
        ReadOnlyMemory<char> text = default;
        if (_sentence2 is not { } column)
            return () =>
            {
                first(ref text);
                return new TextInput(text.ToString());
            };
        ValueGetter<ReadOnlyMemory<char>> second = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> pair = default;
        return () =>
        {
            first(ref text);
            second(ref pair);
            return new TextInput(text.ToString(), pair.ToString());
        };
    }

    private Func<TextInput> MakeWordReader(DataViewRow row)
    {
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(_sentence1);
        VBuffer<ReadOnlyMemory<char>> words = default;
        return () =>
        {
            getter(ref words);
            return TextInput.OfWords([.. words.DenseValues().Select(word => word.ToString())]);
        };
    }

    private static ArgumentOutOfRangeException NotWords(string parameter, string name, string found) =>
        SchemaError.WrongType(parameter, "sentence1", name, "a vector of text (String), a word each", found, $"Where the words of a text are not split yet, append mlContext.Transforms.Text.TokenizeIntoWords(\"{name}\").");

    private static DataViewSchema.Column Find(DataViewSchema schema, string role, string name, string parameter)
    {
        DataViewSchema.Column column = SchemaError.Find(schema, parameter, role, name);
        return column.Type is TextDataViewType ? column : throw NotText(parameter, role, name, column.Type.ToString()!);
    }

    private static ArgumentOutOfRangeException NotText(string parameter, string role, string name, string found) =>
        SchemaError.WrongType(parameter, role, name, "text (String)", found, "Use a column of text, not of features made from it.");
}
