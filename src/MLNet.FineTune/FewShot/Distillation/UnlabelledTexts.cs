using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.FewShot;

/// <summary>Reads texts without labels.</summary>
internal static class UnlabelledTexts
{
    private const int RowsPerPoll = 256;

    /// <param name="host">Polled for cancellation.</param>
    /// <param name="data">The data.</param>
    /// <param name="columns">Which columns hold texts.</param>
    /// <param name="parameter">The argument that the data came by, for exceptions.</param>
    /// <returns>The texts; rows without any are left out.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    /// <exception cref="InvalidOperationException">No row has a text.</exception>
    public static TextInput[] Read(IHost host, IDataView data, TrainingColumns columns, string parameter)
    {
        TextColumns texts = TextColumns.Bind(data.Schema, columns.Sentence1, columns.Sentence2, parameter);
        using DataViewRowCursor cursor = data.GetRowCursor(texts.All);
        Func<TextInput> read = texts.MakeReader(cursor);
        List<TextInput> inputs = [];
        for (long row = 0; cursor.MoveNext(); row++)
        {
            if (row % RowsPerPoll == 0)
                host.CheckAlive();
            TextInput input = read();
            if (input.Text.Length > 0 || !string.IsNullOrEmpty(input.Pair))
                inputs.Add(input);
        }
        return inputs.Count > 0 ? [.. inputs] : throw new InvalidOperationException(
            $"No row of the unlabelled texts has text in '{columns.Sentence1}'. Check the path they were loaded from, the column names and the separator.");
    }
}
