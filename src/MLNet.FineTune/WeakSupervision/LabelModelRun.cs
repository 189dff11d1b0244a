using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>Reads votes and fits a label model to them.</summary>
internal sealed record LabelModelRun(VoteMatrix Votes, LabelModelFit Fit, LabelModelTransformer Transformer)
{
    public static LabelModelRun Execute(IHost host, IDataView data, LabelModelOptions options)
    {
        options.Validate();
        VoteColumn column = VoteColumn.Bind(data.Schema, options.VotesColumnName, nameof(data));
        string[] classNames = options.ResolveClassNames(column);
        (VoteMatrix votes, _) = VoteReader.Read(host, data, column, classNames.Length);
        LabelModelFit fit = options.Method.Fit(votes, new LabelModelContext(options.ClassBalance, host.CheckAlive));
        if (!fit.Converged)
        {
            using IChannel channel = host.Start(nameof(LabelModel));
            channel.Warning("The label model has not converged after {0} iterations; allow more.", fit.Objectives.Count);
        }
        return new LabelModelRun(votes, fit, new LabelModelTransformer(host, options.Columns, votes.FunctionNames, classNames, fit.Posterior));
    }
}
