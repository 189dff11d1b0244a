using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>Reads all votes of a data view, and the true labels where there are any.</summary>
internal static class VoteReader
{
    private const int RowsPerPoll = 1024;

    /// <param name="host">Polled for cancellation.</param>
    /// <param name="data">The data.</param>
    /// <param name="column">Its votes.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="labels">The true labels; null where they are not read.</param>
    /// <returns>The votes, and the class of each row: −1 where the label is missing, empty where none is read.</returns>
    /// <exception cref="InvalidOperationException">There are no rows, no functions or no votes, or a row does not fit.</exception>
    public static (VoteMatrix Votes, int[] Labels) Read(IHost host, IDataView data, VoteColumn column, int classCount, GoldLabels? labels = null)
    {
        string[]? names = column.FunctionNames ?? (column.Size > 0 ? VoteColumn.NumberedFunctions(column.Size) : null);
        using DataViewRowCursor cursor = data.GetRowCursor(labels is null ? [column.Column] : [column.Column, labels.Column]);
        Func<int[]> readVotes = column.MakeReader(cursor, names, classCount);
        Func<int>? readLabel = labels?.MakeReader(cursor);
        var classes = new List<int>();
        VoteMatrix? matrix = null;
        for (long row = 0; cursor.MoveNext(); row++)
        {
            if (row % RowsPerPoll == 0)
                host.CheckAlive();
            int[] votes = readVotes();
            matrix ??= new VoteMatrix(names ?? VoteColumn.NumberedFunctions(votes.Length), classCount);
            matrix.Add(votes);
            if (readLabel is not null)
                classes.Add(readLabel());
        }
        Check(matrix, column.Column.Name);
        return (matrix!, [.. classes]);
    }

    private static void Check(VoteMatrix? votes, string column)
    {
        if (votes is null)
            throw new InvalidOperationException("The votes have no rows. Check the path the data was loaded from and its filters.");
        if (votes.FunctionCount == 0)
            throw new InvalidOperationException($"The votes in '{column}' are of no labelling function; expected one at least.");
        if (votes.Patterns is [var only] && only.All(vote => vote == VoteMatrix.Abstain))
            throw new InvalidOperationException($"All {votes.FunctionCount} labelling functions abstain on all {votes.Rows.Count} rows, so that there is nothing to learn from in '{column}'. Check the functions and the column of texts they look at.");
    }
}
