using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>Lets labelling functions vote on data.</summary>
    /// <remarks>Nothing is called until the votes are read, and again whenever they are: <c>mlContext.Data.Cache</c> keeps them. A function that fails is an <see cref="InvalidOperationException"/> then, which names it.</remarks>
    /// <typeparam name="T">The example, a class whose properties are columns of the data.</typeparam>
    /// <param name="data">The data.</param>
    /// <param name="functions">The functions, at least one; those that are added later have no effect.</param>
    /// <param name="votesColumnName">The column that is added: a vector of <see cref="int"/>, a class from zero or −1 (abstains) for each function. Slot names are the functions' names.</param>
    /// <returns>The data with the votes.</returns>
    /// <exception cref="ArgumentException">There is no function.</exception>
    /// <exception cref="InvalidOperationException">A property of the example is no column of the data, or one of another type.</exception>
    public IDataView ApplyLabelingFunctions<T>(IDataView data, LabelingFunctions<T> functions, string votesColumnName = "Votes") where T : class, new()
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(functions);
        ArgumentException.ThrowIfNullOrWhiteSpace(votesColumnName);
        if (functions.Count == 0)
            throw new ArgumentException("There is no labelling function; add one at least.", nameof(functions));
        return LabelingFunctionVotes.Append(_context, data, functions.Copy(), votesColumnName);
    }

    /// <summary>Measures what labelling functions did: how much they cover, how often they meet and disagree, and, given true labels, how often they are right.</summary>
    /// <param name="votes">Data with votes.</param>
    /// <param name="votesColumnName">The column of votes.</param>
    /// <param name="labelColumnName">True labels: a key or texts of the class names, or numbers of classes from zero; rows without one (missing, empty, NaN or −1) are not compared. Null for none.</param>
    /// <param name="classNames">The names of the classes; null where they came with the votes of <see cref="ApplyLabelingFunctions"/>.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">The votes bring no class names and none are given, or a name is empty or occurs twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, functions or votes, or a vote or label is for no class.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public LabelingReport DescribeLabelingFunctions(IDataView votes, string votesColumnName = "Votes", string? labelColumnName = null, string[]? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(votes);
        ArgumentException.ThrowIfNullOrWhiteSpace(votesColumnName);
        VoteColumn column = VoteColumn.Bind(votes.Schema, votesColumnName, nameof(votes));
        string[] classes = VoteClasses.Check(
            classNames ?? column.ClassNames ?? throw new ArgumentException("The votes bring no class names; give them.", nameof(classNames)), nameof(classNames));
        GoldLabels? gold = labelColumnName is null ? null : GoldLabels.Bind(votes.Schema, labelColumnName, classes);
        (VoteMatrix matrix, int[] labels) = VoteReader.Read(Environment.Register(nameof(DescribeLabelingFunctions)), votes, column, classes.Length, gold);
        return LabelingReport.Of(matrix, classes, labels);
    }

    /// <summary>Makes labels of the votes of labelling functions, with what the model learnt about the functions.</summary>
    /// <param name="votes">Data with votes, of <see cref="ApplyLabelingFunctions"/> or another source.</param>
    /// <param name="options">Columns, classes and the label model.</param>
    /// <returns>Labels, probabilities, estimates, and the model itself for other votes.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or nothing says what the classes are.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The votes are missing or no vector of numbers.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, functions or votes, or a vote is for no class.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public LabelModelReport FitLabelModel(IDataView votes, LabelModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(votes);
        return new LabelModelReport(LabelModelRun.Execute(Environment.Register(nameof(FitLabelModel)), votes, options ?? new LabelModelOptions()));
    }

    /// <summary>An estimator that makes labels of votes, for use in a pipeline before a trainer.</summary>
    /// <param name="options">Columns, classes and the label model; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public LabelModelEstimator CombineVotes(LabelModelOptions? options = null) => new(Environment, options ?? new LabelModelOptions());
}
