using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.Answers;

/// <summary>The verb <c>answers</c>.</summary>
internal static class AnswersCommand
{
    private static readonly Option<FileInfo> Data = new Option<FileInfo>("--data")
    {
        Description = "Questions with answers in SQuAD's JSON; a fifth of the articles is tested on, the others are learnt",
        HelpName = "FILE.json",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often each question is seen", "N", 3).AtLeast(1);
    private static readonly Option<string> Peft = OptionRanges.Create("--peft", "What trains, as PeftMethod.Parse reads it", "METHOD", "full");
    private static readonly Option<int> Seeds = OptionRanges.Create("--seeds", "How many seeds, from 0", "N", 1).AtLeast(1);
    private static readonly Option<string> Encoder = EncoderOption.Create();

    public static Command Create()
    {
        var command = new Command("answers", "Exact match and F1 of extractive question answering, on articles that were not learnt.") { Data, Encoder, Epochs, Peft, Seeds };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            IReadOnlyList<SquadQuestion> questions = SquadQuestion.Read(result.GetRequiredValue(Data).FullName);
            ILookup<bool, SquadQuestion> tested = questions.ToLookup(question => question.Article % 5 == 0);
            PeftMethod method = PeftMethod.Parse(result.GetRequiredValue(Peft));
            EncoderSource encoder = EncoderOption.Parse(result.GetRequiredValue(Encoder));
            int seeds = result.GetValue(Seeds);
            var watch = Stopwatch.StartNew();
            QuestionAnsweringMetrics[] found = [.. Enumerable.Range(0, seeds).Select(seed => Run(new MLContext(seed), encoder, method, result.GetValue(Epochs), tested[false], tested[true]))];
            var report = new Report("answers");
            string name = $"{Path.GetFileNameWithoutExtension(result.GetRequiredValue(Data).Name)}/{method.MethodName}";
            report.Add($"{name}/exact match", found.Average(metrics => metrics.ExactMatch), "", ("learnt", tested[false].Count()), ("tested", found[0].QuestionCount));
            report.Add($"{name}/F1", found.Average(metrics => metrics.F1), "", ("seconds", watch.Elapsed.TotalSeconds / seeds), ("seeds", seeds));
            report.PrintTable();
        });
        return command;
    }

    private static QuestionAnsweringMetrics Run(MLContext ml, EncoderSource encoder, PeftMethod method, int epochs, IEnumerable<SquadQuestion> learnt, IEnumerable<SquadQuestion> tested)
    {
        using QuestionAnsweringTransformer model = ml.MulticlassClassification.Trainers.FineTuneQuestions(new QuestionAnsweringOptions
        {
            AnswerColumnName = nameof(SquadQuestion.Answers),
            AnswerStartColumnName = nameof(SquadQuestion.Starts),
            Encoder = encoder,
            Peft = method,
            Training = { Epochs = epochs },
        }).Fit(ml.Data.LoadFromEnumerable(learnt));
        return ml.FineTuning().EvaluateAnswers(model.Transform(ml.Data.LoadFromEnumerable(tested)), nameof(SquadQuestion.Answers));
    }
}
